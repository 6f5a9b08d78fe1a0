import { selecting } from './shared/select.js';
import { typedAs } from './shared/typed.js';

export const selectV2 = typedAs(1, selecting('SELECT_V2', true));
