import { spaceDepth } from './shared/space-depth.js';

export const spaceToDepth = spaceDepth('SPACE_TO_DEPTH', true);
