import { anyReduction } from './shared/more-reductions.js';

export const reduceAll = anyReduction('REDUCE_ALL', 'all');
