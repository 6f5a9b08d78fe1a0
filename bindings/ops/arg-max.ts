import { argReduction } from './shared/arg.js';

export const argMax = argReduction('ARG_MAX', 1);
