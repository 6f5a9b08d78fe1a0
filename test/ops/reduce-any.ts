import { Rng } from '../support/random.js';
import { reductionSpec } from '../support/reduce.js';

export default reductionSpec('REDUCE_ANY', 'any', new Rng(7));
