import { pool } from './shared/pool.js';

export const l2Pool2d = pool('L2_POOL_2D', { float32: 'f32_l2pool' });
