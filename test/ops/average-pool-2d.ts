import { poolSpec } from '../support/pool.js';

export default poolSpec('AVERAGE_POOL_2D', ['float32', 'float16', 'int8', 'uint8', 'int16'], (x) => {
  return x.reduce((sum, e) => sum + e, 0) / x.length;
});
