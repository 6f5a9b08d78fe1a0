import { Rng } from '../support/random.js';
import { reductionSpec } from '../support/reduce.js';

export default reductionSpec('MEAN', 'mean', new Rng(3));
