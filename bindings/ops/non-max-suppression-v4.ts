import { nonMaxSuppression } from './shared/non-max-suppression.js';

export const nonMaxSuppressionV4 = nonMaxSuppression('NON_MAX_SUPPRESSION_V4');
