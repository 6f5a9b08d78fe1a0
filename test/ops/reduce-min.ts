import { Rng } from '../support/random.js';
import { reductionSpec } from '../support/reduce.js';

export default reductionSpec('REDUCE_MIN', 'min', new Rng(6));
