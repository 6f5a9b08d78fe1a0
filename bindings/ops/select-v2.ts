import { selecting } from './shared/select.js';

export const selectV2 = selecting('SELECT_V2', true);
