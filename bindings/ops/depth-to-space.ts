import { spaceDepth } from './shared/space-depth.js';

export const depthToSpace = spaceDepth('DEPTH_TO_SPACE', false);
