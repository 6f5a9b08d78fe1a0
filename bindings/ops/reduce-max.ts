import { reduction } from './shared/reduce.js';

export const reduceMax = reduction('REDUCE_MAX', 'max');
