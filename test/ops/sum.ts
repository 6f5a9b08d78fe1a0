import { Rng } from '../support/random.js';
import { reductionSpec } from '../support/reduce.js';

export default reductionSpec('SUM', 'sum', new Rng(2));
