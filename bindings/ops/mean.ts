import { reduction } from './shared/reduce.js';

export const mean = reduction('MEAN', 'mean');
