import { argReduction } from './shared/arg.js';

export const argMin = argReduction('ARG_MIN', -1);
