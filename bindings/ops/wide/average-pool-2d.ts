import { averagePool2d as standard } from '../average-pool-2d.js';
import { withHalves } from '../shared/float-halves.js';

/** With float16. */
export const averagePool2d = withHalves(standard);
