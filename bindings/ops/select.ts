import { selecting } from './shared/select.js';
import { typedAs } from './shared/typed.js';

export const select = typedAs(1, selecting('SELECT', false));
