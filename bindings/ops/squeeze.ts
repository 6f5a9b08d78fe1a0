import { badShape, input, normalizeAxis } from '../graph/ir.js';
import { reshaping } from './shared/reshaping.js';

/** Drops the dimensions named, or all that are 1. */
export const squeeze = reshaping('SQUEEZE', (node) => {
  const { shape } = input(node, 0);
  const named = [...(node.options.squeezeDims ?? [])].map((d) => normalizeAxis(node, d, shape.length));
  for (const d of named) if (shape[d] !== 1) throw badShape(node, `dimension ${d} of [${shape}] is not 1`);
  return shape.filter((n, i) => (named.length ? !named.includes(i) : n !== 1));
});
