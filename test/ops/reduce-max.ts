import { Rng } from '../support/random.js';
import { reductionSpec } from '../support/reduce.js';

export default reductionSpec('REDUCE_MAX', 'max', new Rng(5));
