import { poolSpec } from '../support/pool.js';

export default poolSpec('MAX_POOL_2D', ['float32', 'int8', 'uint8', 'int16'], (x) => Math.max(...x));
