import { handle } from './shared/resources.js';

export const hashtable = handle('HASHTABLE', ({ options }) => `${options.tableId}`);
