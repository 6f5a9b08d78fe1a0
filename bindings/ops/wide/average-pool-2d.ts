import { withHalves } from '../shared/float-halves.js';
import { pool } from '../shared/pool.js';

/** With float16. */
export const averagePool2d = withHalves(
  pool('AVERAGE_POOL_2D', {
    float32: 'f32_avgpool',
    int8: 's8_avgpool',
    uint8: 'u8_avgpool',
    int16: 's16_avgpool',
  }),
);
