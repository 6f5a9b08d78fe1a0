import { Bounds, ScatterOp } from '../../../assembly/lib/opcodes.js';
import type { DType, TypedArray } from '../../dtype.js';
import { badShape, count, input, invalid, type Known, type OpNode, output, unsupported } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { indexInput } from './indices.js';
import { lowerMove, vector } from './strided-copy.js';
import { fill } from './striding.js';
import { lowerWindows, slices } from './windows.js';

const LARGEST = 3.4028234663852886e38;
const INT = { MAX: 2 ** 31 - 1, MIN: -(2 ** 31) };

/** What segments without elements hold, in float32 and in int32. */
const EMPTY: { readonly [op: number]: readonly [number, number] } = {
  [ScatterOp.ADD]: [0, 0],
  [ScatterOp.MULTIPLY]: [1, 1],
  [ScatterOp.MAXIMUM]: [-LARGEST, INT.MIN],
  [ScatterOp.MINIMUM]: [LARGEST, INT.MAX],
};

function initial(dtype: DType, op: ScatterOp): TypedArray {
  const [float, int] = EMPTY[op]!;
  return dtype === 'float32' ? Float32Array.of(float) : Int32Array.of(int);
}

/**
 * Input 1 assigns each slice of input 0 to one of so many segments as input 2 says, or to none by a negative number; the
 * slices of a segment are combined.
 */
export function unsortedSegment(name: string, op: ScatterOp): Operator {
  return {
    name,

    infer(node, known) {
      const [x, ids, y] = [input(node, 0), indexInput(node, 1), output(node)];
      if (x.dtype !== 'float32' && x.dtype !== 'int32') throw unsupported(node, `input of type ${x.dtype}`);
      if (y.dtype !== x.dtype) throw invalid(node, `output is ${y.dtype}, expected ${x.dtype}`);
      if (ids.shape.length > x.shape.length || ids.shape.some((n, d) => n !== x.shape[d])) {
        throw badShape(node, `segments [${ids.shape}] of [${x.shape}]`);
      }
      return [shapeOf(node, known)];
    },

    lower(node, plan) {
      const [x, ids, y] = [input(node, 0), indexInput(node, 1), output(node)];
      const shape = shapeOf(node, plan);
      lowerMove(plan, fill(initial(y.dtype, op), y, shape));
      const all = slices(y, shape, ids, 1, count(ids), x, Bounds.SKIP_NEGATIVE);
      lowerWindows(plan, op, all);
    },
  };
}

function shapeOf(node: OpNode, known: Known): number[] {
  const [segments] = vector(node, known, 2, 1) as [number];
  if (segments < 0) throw badShape(node, `${segments} segments`);
  return [segments, ...input(node, 0).shape.slice(input(node, 1).shape.length)];
}
