import { spaceBatch } from './shared/space-batch.js';

export const spaceToBatchNd = spaceBatch('SPACE_TO_BATCH_ND', true);
