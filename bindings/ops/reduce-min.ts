import { anyReduction } from './shared/more-reductions.js';

export const reduceMin = anyReduction('REDUCE_MIN', 'min');
