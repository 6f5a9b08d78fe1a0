import { spaceBatch } from './shared/space-batch.js';

export const batchToSpaceNd = spaceBatch('BATCH_TO_SPACE_ND', false);
