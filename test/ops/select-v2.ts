import { selecting } from '../support/select.js';

export default selecting('SELECT_V2', true);
