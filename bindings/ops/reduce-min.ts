import { reduction } from './shared/reduce.js';

export const reduceMin = reduction('REDUCE_MIN', 'min');
