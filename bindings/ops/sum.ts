import { anyReduction } from './shared/more-reductions.js';

export const sum = anyReduction('SUM', 'sum');
