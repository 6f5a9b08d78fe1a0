import { type DType, elementBits } from '../../dtype.js';
import { badShape, count, type OpNode, unsupported, type Value } from '../../graph/ir.js';
import { halfToFloat } from '../../half.js';
import type { Operator, PlanBuilder } from '../operator.js';
import { denseElements } from './sparse.js';

/** Types that become int8. */
const PACKED: readonly DType[] = ['int4', 'int2'];

/** Elements of a constant value of 2 or 4 bits each. */
function integersOf(plan: PlanBuilder, x: Value): Int8Array {
  const data = plan.read(x) as Uint8Array;
  const bits = elementBits(x.dtype);
  const unused = 32 - bits;
  return Int8Array.from({ length: count(x) }, (_, i) => {
    const at = i * bits;
    return (data[at >> 3]! << (unused - (at & 7))) >> unused;
  });
}

/** The scales of a value's blocks. */
export function scalesOfBlocks(plan: PlanBuilder, { blocks }: Value): Float32Array {
  const scales = blocks!.scale!;
  const raw = plan.read(scales) as Uint16Array | Float32Array;
  return scales.dtype === 'float16' ? Float32Array.from(raw, halfToFloat) : (raw as Float32Array);
}

/** Elements of a constant value with scales of blocks, as floats. */
function floatsOf(plan: PlanBuilder, x: Value): Float32Array {
  const scales = scalesOfBlocks(plan, x);
  return Float32Array.from(integersOf(plan, x), (q, i) => q * scales[Math.floor(i / x.blocks!.blockSize)]!);
}

/** Throws where the scales do not fit. */
export function checkBlocks(node: OpNode, w: Value): void {
  const { kind, scale, zeroPoints, blockSize } = w.blocks!;
  if (kind !== 'BlockwiseQuantization' || zeroPoints >= 0) throw unsupported(node, `weights of ${kind}`);
  if (!scale?.constant || !['float16', 'float32'].includes(scale.dtype)) {
    throw unsupported(node, `${scale?.dtype} scales of blocks`);
  }
  const last = w.shape.at(-1) ?? 0;
  if (!(blockSize > 0 && last % blockSize === 0 && count(scale) * blockSize === count(w))) {
    throw badShape(node, `scales [${scale.shape}] of blocks of ${blockSize} for weights [${w.shape}]`);
  }
}

/**
 * Constant sparse weights (input 1), and those of a few bits, reach `operator` dense, as int8. So do the bytes of uint8 weights
 * of floats: the first hybrid models, which have no zero point, call int8 that, and TFLite reads them so. Weights with scales of
 * blocks become floats.
 */
export function unpackedWeights(operator: Operator): Operator {
  const withWeights = (node: OpNode, plan?: PlanBuilder): OpNode => {
    const w = node.inputs[1];
    if (!w) return node;
    const withW = (value: Value) => ({ ...node, inputs: node.inputs.map((v, i) => (i === 1 ? value : v)) });
    if (w.constant && w.dtype === 'uint8' && node.inputs[0]?.dtype === 'float32') return withW({ ...w, dtype: 'int8' });
    const packed = PACKED.includes(w.dtype);
    if (!(w.sparsity || packed)) return node;
    const what = `${w.sparsity ? 'sparse ' : ''}${w.dtype} weights`;
    if (!w.constant || (w.sparsity && packed)) {
      throw unsupported(node, w.constant ? what : `${what} that are not constant`);
    }
    if (w.blocks) checkBlocks(node, w);
    const dtype = w.blocks ? 'float32' : packed ? 'int8' : w.dtype;
    const plain: Value = { ...w, dtype, sparsity: null };
    if (plan) {
      const elements = w.sparsity ? denseElements(node, plan, w) : (w.blocks ? floatsOf : integersOf)(plan, w);
      const id = `unpacked:${w.constant.id}`;
      const bytes = elements.byteLength;
      const address = plan.packed(id, bytes, (to) => plan.bytes(to, bytes).set(new Uint8Array(elements.buffer)));
      plain.constant = { id, address, bytes };
    }
    return withW(plain);
  };
  return {
    ...operator,
    takesSparse: true,
    infer: (node, known) => operator.infer(withWeights(node), known),
    lower: (node, plan) => operator.lower(withWeights(node, plan), plan),
  };
}
