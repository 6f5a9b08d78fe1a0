import { reduction } from './shared/reduce.js';

export const reduceAll = reduction('REDUCE_ALL', 'all');
