// LSTM weights of int8 that are sparse in the model, in blocks of 1 x 16, as TFLite's LSTM has them beside floats. They are made
// dense; what remains of them is how that kernel scales their products:
//   - those with the state by the input's scale. Where all of the input is 0, it finds the scale in memory that it has not
//     written in this step; here that scale is 1, as it is for an input row of zeros beside others.
//   - those of an asymmetrically quantized operand as if its zero point were 0.
import { bytesOf, count, type OpNode, unsupported, type Value } from '../../graph/ir.js';
import type { PlanBuilder } from '../operator.js';
import type { Activations } from './gemm.js';
import { denseElements } from './sparse.js';
import { laterConstant } from './stand-ins.js';

const BLOCK = 16;
/** Inputs of LSTM that may be sparse. */
const WEIGHTS = [1, 2, 3, 4, 5, 6, 7, 8, 16] as const;

/** Throws where TFLite's kernel would read the stored elements otherwise than they are meant. */
function checkForm(node: OpNode, w: Value): void {
  const { traversalOrder, blockMap, dimensions } = w.sparsity!;
  const [outer, inner, ...rest] = dimensions;
  const block = [1, 1];
  for (const [b, d] of blockMap.entries()) block[d]! *= dimensions[traversalOrder.indexOf(2 + b)]?.denseSize ?? 0;
  const isBlocked =
    w.shape.length === 2 &&
    `${traversalOrder.slice(0, 2)} ${block}` === `0,1 1,${BLOCK}` &&
    outer?.format === 'DENSE' &&
    inner?.format === 'SPARSE_CSR' &&
    rest.every(({ format }) => format === 'DENSE');
  if (!isBlocked || !w.constant) throw unsupported(node, `'${w.name}', sparse but not in blocks of 1 x ${BLOCK}`);
  const { segments, indices } = inner;
  // It counts and numbers the blocks of a row in bytes.
  if (indices.some((i) => i > 255) || segments.some((end, row) => row > 0 && end - segments[row - 1]! > 255)) {
    throw unsupported(node, `'${w.name}', sparse with more than 255 blocks in a row`);
  }
}

/**
 * LSTM with dense weights, and which of its inputs are sparse; null if none is.
 * @param plan for weights that can be read; without one, constants are as they were
 */
export function densified(node: OpNode, plan?: PlanBuilder): { node: OpNode; sparse: ReadonlySet<number> } | null {
  const sparse = new Set(WEIGHTS.filter((i) => node.inputs[i]?.sparsity));
  if (!node.inputs.some((value) => value?.sparsity)) return null;
  const there = WEIGHTS.filter((i) => node.inputs[i]);
  const isLegal =
    node.inputs.every((value, i) => !value?.sparsity || (sparse.has(i as 1) && value.dtype !== 'float32')) &&
    node.inputs[0]?.dtype === 'float32';
  if (!isLegal) throw unsupported(node, 'sparse inputs other than int8 weights of floats');
  // TFLite's kernel goes by these weights alone, and looks for a projection's sparsity without asking for one.
  if (!sparse.has(4) || !node.inputs[16]) {
    throw unsupported(node, 'sparse weights without a projection or beside dense ones of the output gate');
  }
  // The sums of rows that dense ones take then are not computed.
  if (node.options.asymmetricQuantizeInputs && sparse.size < there.length) {
    throw unsupported(node, 'sparse weights beside dense ones of asymmetrically quantized inputs');
  }
  const inputs = node.inputs.map((w) => {
    if (!w?.sparsity) return w;
    checkForm(node, w);
    const value: Value = { ...w, sparsity: null };
    if (plan) {
      const bytes = count(w);
      value.constant = laterConstant(plan, `dense:${w.constant!.id}`, bytes, (to) => {
        plan.bytes(to, bytes).set(new Uint8Array(denseElements(node, plan, w).buffer));
      });
    }
    return value;
  });
  return { node: { ...node, inputs }, sparse };
}

/** Quantizes the rows of an input [rows, k], asymmetric ones for products with sparse weights. */
export function quantizedRows(plan: PlanBuilder, node: OpNode, x: Value): Activations {
  const [rows, k] = x.shape as [number, number];
  const bytes = plan.temporary(bytesOf(x) / 4 + 16);
  const dynamic = plan.temporary(rows * 8);
  const mode = node.options.asymmetricQuantizeInputs ? 2 : 0;
  plan.call('f32_dynamic_quantize', [x, bytes, dynamic, 0, k, 1, mode, 0], rows);
  return { x: bytes, flip: 0, zeroPoint: 0, dynamic };
}
