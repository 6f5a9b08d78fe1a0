import { handle } from './shared/resources.js';

export const varHandle = handle('VAR_HANDLE', ({ options }) => `${options.container}/${options.sharedName}`);
