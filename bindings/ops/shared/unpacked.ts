import { type DType, elementBits, elementSize } from '../../dtype.js';
import { badShape, count, type OpNode, unsupported, type Value } from '../../graph/ir.js';
import { halfToFloat } from '../../half.js';
import type { Arg, Operator, PlanBuilder } from '../operator.js';
import { unpackedBits } from './packed-bits.js';
import { denseElements } from './sparse.js';
import { laterConstant, overridden, withPlaces } from './stand-ins.js';

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
 * Sparse weights (input 1), which are constant, and those of a few bits reach `operator` dense, as int8. So do the bytes of
 * uint8 weights of floats: the first hybrid models, which have no zero point, call int8 that, and TFLite reads them so. Weights
 * with scales of blocks become floats. Products of few bits are exact in all arithmetics: XNNPACK leaves them to TFLite's kernels.
 */
export function unpackedWeights(operator: Operator): Operator {
  const plain = (node: OpNode, w: Value): Value => {
    if (w.dtype === 'uint8' && node.inputs[0]?.dtype === 'float32') return { ...w, dtype: 'int8' };
    const packed = PACKED.includes(w.dtype);
    if (!(w.sparsity || packed)) return w;
    if (w.sparsity && packed) throw unsupported(node, `sparse ${w.dtype} weights`);
    if ((w.sparsity || w.blocks) && !w.constant) throw unsupported(node, 'such weights that are not constant');
    if (w.blocks) checkBlocks(node, w);
    return { ...w, dtype: w.blocks ? 'float32' : packed ? 'int8' : w.dtype, sparsity: null };
  };
  const withW = (node: OpNode, see: (w: Value) => Value): OpNode => {
    const inputs = node.inputs.map((value, i) => (i === 1 && value ? see(value) : value));
    return { ...node, inputs };
  };
  return {
    ...operator,
    takesSparse: true,
    infer: (node, known) =>
      operator.infer(
        withW(node, (w) => plain(node, w)),
        known,
      ),
    lower(node, plan) {
      const places = new Map<Value, Arg>();
      const seen = withW(node, (w) => {
        const value = plain(node, w);
        if (value === w) return w;
        const { constant } = w;
        if (!constant) {
          places.set(value, PACKED.includes(w.dtype) ? unpackedBits(plan, w) : w);
        } else if (w.sparsity || PACKED.includes(w.dtype)) {
          const bytes = count(w) * elementSize(value.dtype);
          value.constant = laterConstant(plan, `unpacked:${constant.id}`, bytes, (to) => {
            const elements = w.sparsity ? denseElements(node, plan, w) : (w.blocks ? floatsOf : integersOf)(plan, w);
            plan.bytes(to, bytes).set(new Uint8Array(elements.buffer));
          });
        }
        return value;
      });
      const placed = withPlaces(plan, places);
      const packed = PACKED.includes(node.inputs[1]!.dtype);
      operator.lower(seen, packed ? overridden(placed, { arithmetic: 'exact' }) : placed);
    },
  };
}
