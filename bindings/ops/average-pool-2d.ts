import { pool } from './shared/pool.js';

export const averagePool2d = pool('AVERAGE_POOL_2D', {
  float32: 'f32_avgpool',
  int8: 's8_avgpool',
  uint8: 'u8_avgpool',
  int16: 's16_avgpool',
});
