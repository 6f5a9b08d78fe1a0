import { badShape } from '../graph/ir.js';
import { interiorPadding } from './shared/interior-pad.js';
import { vector } from './shared/strided-copy.js';

/** Moves neighbours apart by the factors in input 1; what comes between them is input 2. */
export const dilate = interiorPadding('DILATE', 2, (node, known, rank) => {
  const factors = vector(node, known, 1, rank);
  if (factors.some((f) => f < 1)) throw badShape(node, `dilations [${factors}] must be positive`);
  return factors.map((f) => ({ low: 0, high: 0, interior: f - 1 }));
});
