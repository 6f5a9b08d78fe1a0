import { reduction } from './shared/reduce.js';

export const reduceAny = reduction('REDUCE_ANY', 'any');
