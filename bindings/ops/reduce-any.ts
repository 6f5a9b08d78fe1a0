import { anyReduction } from './shared/more-reductions.js';

export const reduceAny = anyReduction('REDUCE_ANY', 'any');
