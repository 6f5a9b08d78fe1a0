import { anyReduction } from './shared/more-reductions.js';

export const reduceMax = anyReduction('REDUCE_MAX', 'max');
