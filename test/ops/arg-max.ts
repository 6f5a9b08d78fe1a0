import { argSpec } from '../support/arg.js';
import { Rng } from '../support/random.js';

export default argSpec('ARG_MAX', 1, new Rng(13));
