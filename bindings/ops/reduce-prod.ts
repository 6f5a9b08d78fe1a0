import { anyReduction } from './shared/more-reductions.js';

export const reduceProd = anyReduction('REDUCE_PROD', 'prod');
