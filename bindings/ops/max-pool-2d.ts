import { pool } from './shared/pool.js';

export const maxPool2d = pool('MAX_POOL_2D', {
  float32: 'f32_maxpool',
  int8: 's8_maxpool',
  uint8: 'u8_maxpool',
  int16: 's16_maxpool',
});
