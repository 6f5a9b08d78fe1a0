import { BinaryOp } from '../../../assembly/lib/opcodes.js';
import type { DType } from '../../dtype.js';
import { badShape, input, invalid, output, unsupported } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { fullInputs } from './arithmetic.js';
import { lowerPlain } from './binary.js';
import { broadcastBlock } from './broadcast.js';

export const INTEGERS: readonly DType[] = [
  ...(['int8', 'int16', 'int32', 'int64'] as const),
  ...(['uint8', 'uint16', 'uint32', 'uint64'] as const),
];
/** What TFLite's kernels of STABLEHLO's arithmetic take. */
export const NUMBERS: readonly DType[] = ['float32', 'float16', 'float64', ...INTEGERS, 'bool'];

/** Sums of bools are true where one is, products where both are. */
const OF_BOOLS: Partial<Record<BinaryOp, BinaryOp>> = {
  [BinaryOp.ADD]: BinaryOp.LOGICAL_OR,
  [BinaryOp.MUL]: BinaryOp.LOGICAL_AND,
};

/** An element-wise operator of two plain inputs that must have one shape. */
export function sameShape(
  name: string,
  op: BinaryOp,
  dtypes: readonly DType[],
  options: { swapped?: boolean } = {},
): Operator {
  return {
    name,
    infer(node) {
      const [a, b, y] = [input(node, 0), input(node, 1), output(node)];
      if (a.dtype !== b.dtype) throw invalid(node, `inputs of types ${a.dtype} and ${b.dtype}`);
      if (y.dtype !== a.dtype) throw invalid(node, `output is ${y.dtype}, expected ${a.dtype} as the inputs`);
      if (!dtypes.includes(a.dtype)) throw unsupported(node, `inputs of type ${a.dtype}`);
      if (`${a.shape}` !== `${b.shape}`) throw badShape(node, `inputs of shapes [${a.shape}] and [${b.shape}]`);
      return [a.shape];
    },
    inPlace: fullInputs,
    lower(node, plan) {
      const [a, b] = options.swapped ? [input(node, 1), input(node, 0)] : [input(node, 0), input(node, 1)];
      const shape = plan.constant(broadcastBlock(a.shape, b.shape));
      const chosen = a.dtype === 'bool' ? (OF_BOOLS[op] ?? op) : op;
      lowerPlain(node, plan, chosen, [a, b], output(node), [a, b, shape]);
    },
  };
}
