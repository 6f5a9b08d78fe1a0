import { reduction } from './shared/reduce.js';

export const sum = reduction('SUM', 'sum');
