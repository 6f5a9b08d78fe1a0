import { mean as standard } from '../mean.js';
import { anyReduction } from '../shared/more-reductions.js';
import { widened } from '../shared/widened.js';

/** With int16 and plain integers. */
export const mean = widened(standard, anyReduction('MEAN', 'mean'));
