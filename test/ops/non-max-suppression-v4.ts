import { nonMaxSuppressionSpec } from '../support/non-max-suppression.js';

export default nonMaxSuppressionSpec('NON_MAX_SUPPRESSION_V4', false);
