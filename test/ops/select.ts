import { selecting } from '../support/select.js';

export default selecting('SELECT', false);
