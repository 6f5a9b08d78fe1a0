import { padding } from './shared/pad.js';

export const padv2 = padding('PADV2');
