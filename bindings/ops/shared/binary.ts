import { BinaryOp, QuantizedOp } from '../../../assembly/lib/opcodes.js';
import type { DType } from '../../dtype.js';
import { count, input, invalid, type OpNode, output, perTensor, unsupported, type Value } from '../../graph/ir.js';
import { activationRange } from '../../quantization.js';
import type { Arg, Operator, PlanBuilder } from '../operator.js';
import { fullInputs } from './arithmetic.js';
import { broadcastArgs, broadcastBlock, broadcastShape } from './broadcast.js';
import { convert, converted } from './convert.js';
import { byShifts, narrowProduct, shiftsOf, sumOfShifted } from './more-quantized.js';
import type { QuantizedCall } from './quantized.js';
import { integerLimits, throughFloat } from './unary.js';

/** An element-wise operator of two inputs. */
export interface Binary {
  readonly name: string;
  readonly op: BinaryOp;
  /** Forms on plain values; int16 without quantization is one of them. */
  readonly plain: readonly DType[];
  readonly quantized?: {
    readonly dtypes: readonly DType[];
    lower(node: OpNode, plan: PlanBuilder, a: Value, b: Value): QuantizedCall;
  };
  /** The output has the first input's shape, and the second one is int8 where that is int16 (PRELU). */
  readonly alpha?: boolean;
  /** Types that the output of int16 inputs may have, too. */
  readonly narrows?: readonly DType[];
}

const KERNEL = {
  int8: 'i8',
  uint8: 'i8',
  bool: 'u8',
  int16: 'i16',
  uint16: 'i16',
  int32: 'i32',
  uint32: 'i32',
  int64: 'i64',
  uint64: 'i64',
  float64: 'f64',
} as const;
/** Where unsigned integers are not the same as signed ones. */
const UNSIGNED = { uint8: 'u8', uint16: 'u16', uint32: 'u32', uint64: 'u64' } as const;
const SIGN_MATTERS: readonly BinaryOp[] = [
  BinaryOp.MAXIMUM,
  BinaryOp.MINIMUM,
  BinaryOp.FLOOR_DIV,
  BinaryOp.FLOOR_MOD,
  BinaryOp.SHIFT_RIGHT,
];

const FLOATS: readonly DType[] = ['float32', 'float16', 'bfloat16'];

const isQuantized = ({ quantized, plain }: Binary, a: Value) =>
  !!quantized?.dtypes.includes(a.dtype) && !(plain.includes(a.dtype) && !a.quantization);

export function binary(spec: Binary): Operator {
  const { name, op, plain, quantized, alpha, narrows } = spec;
  return {
    name,
    fusesClamp: quantized && !alpha && name !== 'SQUARED_DIFFERENCE',
    infer(node) {
      const [a, b, y] = [input(node, 0), input(node, 1), output(node)];
      const { fusedActivationFunction: activation = 'NONE' } = node.options;
      if (b.dtype !== (alpha && a.dtype === 'int16' ? 'int8' : a.dtype)) {
        throw invalid(node, `inputs of types ${a.dtype} and ${b.dtype}`);
      }
      if (y.dtype !== a.dtype && !(a.dtype === 'int16' && narrows?.includes(y.dtype))) {
        throw invalid(node, `output is ${y.dtype}, expected ${a.dtype} as the inputs`);
      }
      if (a.dtype === 'uint32' && !/^(NONE|RELU)/.test(activation)) {
        throw unsupported(node, `activation ${activation} of ${a.dtype}`);
      }
      if (y.dtype !== a.dtype) {
        perTensor(node, y);
      } else if (isQuantized(spec, a)) {
        const points = [a, b, y].map((v) => perTensor(node, v).zeroPoint);
        if (a.dtype === 'int16' && !alpha && points.some(Boolean)) throw unsupported(node, 'int16 with a zero point');
        if (byShifts(node, a, b, y)) shiftsOf(node, a, b, y);
      } else if (!plain.includes(a.dtype)) {
        throw unsupported(node, `inputs of type ${a.dtype}`);
      }
      const shape = broadcastShape(node, a.shape, b.shape);
      if (alpha && shape.join() !== a.shape.join()) {
        throw invalid(node, `alpha of shape [${b.shape}] does not broadcast to [${a.shape}]`);
      }
      return [shape];
    },
    inPlace: fullInputs,
    lower(node, plan) {
      const [a, b, y] = [input(node, 0), input(node, 1), output(node)];
      if (a.dtype === 'int16' && b.dtype === 'int8') {
        const { op, params } = quantized!.lower(node, plan, a, b);
        const shape = plan.constant(broadcastBlock(a.shape, b.shape));
        return plan.call('qs16_binary', [op, a, converted(plan, b, 'int16'), y, shape, params], count(y));
      }
      const [p, q, shape] = broadcastArgs(plan, a, b);
      if (y.dtype !== a.dtype) {
        const wide = plan.temporary(2 * count(y));
        plan.call('qs16_binary', [QuantizedOp.MUL_EXACT, p, q, wide, shape, narrowProduct(node, plan, y)], count(y));
        return convert(plan, wide, 'int16', y, y.dtype, count(y));
      }
      if (isQuantized(spec, a)) {
        const { op, params } = byShifts(node, a, b, y)
          ? sumOfShifted(node, plan, shiftsOf(node, a, b, y), name === 'SUB' ? -1 : 1)
          : quantized!.lower(node, plan, a, b);
        return plan.call(a.dtype === 'int16' ? 'qs16_binary' : 'qs8_binary', [op, p, q, y, shape, params], count(y));
      }
      lowerPlain(node, plan, op, [a, b], y, [p, q, shape]);
    },
  };
}

/** `op` on plain values; `args` are what the kernel reads in place of a and b, and the block of their shapes. */
export function lowerPlain(
  node: OpNode,
  plan: PlanBuilder,
  op: BinaryOp,
  [a, b]: readonly [Value, Value],
  y: Value,
  args: readonly [Arg, Arg, number],
): void {
  const { dtype } = a;
  const [p, q, shape] = args;
  const [lo, hi] = activationRange(node.options.fusedActivationFunction ?? 'NONE');
  if (dtype === 'complex64') {
    plan.call('c64_multiply', [p, q, y, shape], count(y));
  } else if (FLOATS.includes(dtype)) {
    const params = plan.constant(Float32Array.of(lo, hi));
    throughFloat(plan, [a, b], y, (converted, to) => {
      const operands = dtype === 'float32' ? [p, q] : converted;
      plan.call('f32_binary', [op, operands[0]!, operands[1]!, to, shape, params], count(y));
    });
  } else {
    const kernel = (SIGN_MATTERS.includes(op) && UNSIGNED[dtype as 'uint8']) || KERNEL[dtype as 'int32'];
    const unsigned = dtype === 'uint32';
    const limits = unsigned ? integerLimits(plan, dtype) : integerLimits(plan, dtype, lo, hi);
    plan.call(`${kernel}_binary`, [op, p, q, y, shape, limits], count(y));
    if (!unsigned || hi === Infinity) return;
    // A lower limit of -1 is the largest number to TFLite, and the upper one has the last word: all are 1.
    const one = plan.constant(broadcastBlock([count(y)], []));
    for (const clamp of lo < 0 ? [BinaryOp.MINIMUM, BinaryOp.MAXIMUM] : [BinaryOp.MINIMUM]) {
      plan.call('u32_binary', [clamp, y, plan.constant(Uint32Array.of(hi)), y, one, limits], count(y));
    }
  }
}
