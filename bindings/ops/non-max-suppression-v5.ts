import { nonMaxSuppression } from './shared/non-max-suppression.js';

export const nonMaxSuppressionV5 = nonMaxSuppression('NON_MAX_SUPPRESSION_V5');
