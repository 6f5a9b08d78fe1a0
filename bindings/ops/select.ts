import { selecting } from './shared/select.js';

export const select = selecting('SELECT', false);
