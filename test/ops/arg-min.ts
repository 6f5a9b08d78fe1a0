import { argSpec } from '../support/arg.js';
import { Rng } from '../support/random.js';

export default argSpec('ARG_MIN', -1, new Rng(14));
