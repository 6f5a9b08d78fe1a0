import { calling } from './shared/calls.js';

export const call = calling('CALL', (options) => options.subgraph);
