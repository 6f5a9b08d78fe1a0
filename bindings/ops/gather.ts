import { elementCount, elementSize } from '../dtype.js';
import { badShape, count, input, normalizeAxis, type OpNode, output } from '../graph/ir.js';
import { indexInput, runBytes } from './shared/indices.js';
import { typedAs } from './shared/typed.js';

/** Slices of input 0 along an axis, chosen by input 1, which share the outer `batchDims` dimensions. */
export const gather = typedAs(0, {
  name: 'GATHER',

  infer(node) {
    const { x, indices, axis, batchDims, inner } = parts(node);
    runBytes(node, x, output(node), inner);
    if (batchDims > axis || x.shape.slice(0, batchDims).some((n, d) => n !== indices.shape[d])) {
      throw badShape(node, `[${x.shape}] and indices [${indices.shape}] do not share ${batchDims} batch dimensions`);
    }
    return [[...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)]];
  },

  lower(node, plan) {
    const { x, indices, axis, batchDims, inner } = parts(node);
    const y = output(node);
    const run = runBytes(node, x, y, inner);
    if (count(y) === 0) return;
    const outer = elementCount(x.shape.slice(batchDims, axis));
    const chosen = elementCount(indices.shape.slice(batchDims));
    plan.call(
      'xx_gather',
      [x, indices, y, run, elementSize(indices.dtype), outer, x.shape[axis]!, chosen],
      elementCount(x.shape.slice(0, axis)) * chosen,
    );
  },
});

function parts(node: OpNode) {
  const x = input(node, 0);
  const indices = indexInput(node, 1);
  const axis = normalizeAxis(node, node.options.axis ?? 0, x.shape.length);
  const b = node.options.batchDims ?? 0;
  const batchDims = b < 0 ? b + indices.shape.length : b;
  if (!(batchDims >= 0 && batchDims <= indices.shape.length)) {
    throw badShape(node, `${b} batch dimensions of indices [${indices.shape}]`);
  }
  return { x, indices, axis, batchDims, inner: elementCount(x.shape.slice(axis + 1)) };
}
