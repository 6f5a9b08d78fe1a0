import { poolSpec } from '../support/pool.js';

export default poolSpec('L2_POOL_2D', ['float32'], (x) => Math.sqrt(x.reduce((sum, e) => sum + e * e, 0) / x.length));
