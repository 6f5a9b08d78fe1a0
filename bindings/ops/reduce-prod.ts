import { reduction } from './shared/reduce.js';

export const reduceProd = reduction('REDUCE_PROD', 'prod');
