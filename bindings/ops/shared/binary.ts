import type { BinaryOp } from '../../../assembly/lib/opcodes.js';
import type { DType } from '../../dtype.js';
import { count, input, invalid, type OpNode, output, perTensor, unsupported, type Value } from '../../graph/ir.js';
import { type Activation, activationRange } from '../../quantization.js';
import type { Operator, PlanBuilder } from '../operator.js';
import { fullInputs } from './arithmetic.js';
import { broadcastArgs, broadcastShape } from './broadcast.js';
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
  /** The output has the first input's shape, and the second one's type may differ (PRELU). */
  readonly alpha?: boolean;
}

const KERNEL = {
  int8: 'i8',
  uint8: 'u8',
  bool: 'u8',
  int16: 'i16',
  int32: 'i32',
  uint32: 'i32',
  int64: 'i64',
} as const;

const isQuantized = ({ quantized, plain }: Binary, a: Value) =>
  !!quantized?.dtypes.includes(a.dtype) && !(plain.includes(a.dtype) && !a.quantization);

export function binary(spec: Binary): Operator {
  const { name, op, plain, quantized, alpha } = spec;
  return {
    name,
    fusesClamp: quantized && !alpha && name !== 'SQUARED_DIFFERENCE',
    infer(node) {
      const [a, b, y] = [input(node, 0), input(node, 1), output(node)];
      const { fusedActivationFunction: activation = 'NONE' } = node.options;
      if (a.dtype !== b.dtype) throw invalid(node, `inputs of types ${a.dtype} and ${b.dtype}`);
      if (y.dtype !== a.dtype) throw invalid(node, `output is ${y.dtype}, expected ${a.dtype} as the inputs`);
      const unclamped = a.dtype === 'complex64' || a.dtype === 'uint32';
      if (activation === 'TANH' || activation === 'SIGN_BIT' || (unclamped && activation !== 'NONE')) {
        throw unsupported(node, `activation ${activation} of ${a.dtype}`);
      }
      if (isQuantized(spec, a)) {
        const points = [a, b, y].map((v) => perTensor(node, v).zeroPoint);
        if (a.dtype === 'int16' && points.some(Boolean)) throw unsupported(node, 'int16 with a zero point');
        if (node.options.potScaleInt16 && a.dtype === 'int16' && powersOfTwo(a, b, y)) {
          throw unsupported(node, 'int16 by shifts (pot_scale_int16)');
        }
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
      const [p, q, shape] = broadcastArgs(plan, a, b);
      if (isQuantized(spec, a)) {
        const { op, params } = quantized!.lower(node, plan, a, b);
        return plan.call(a.dtype === 'int16' ? 'qs16_binary' : 'qs8_binary', [op, p, q, y, shape, params], count(y));
      }
      const activation: Activation = node.options.fusedActivationFunction ?? 'NONE';
      const [lo, hi] = activationRange(activation);
      if (a.dtype === 'complex64') return plan.call('c64_multiply', [p, q, y, shape], count(y));
      if (a.dtype !== 'float32' && a.dtype !== 'float16') {
        const params = integerLimits(plan, a.dtype, lo, hi);
        return plan.call(`${KERNEL[a.dtype as 'int32']}_binary`, [op, p, q, y, shape, params], count(y));
      }
      const params = plan.constant(Float32Array.of(lo, hi));
      throughFloat(plan, [a, b], y, (converted, to) => {
        const operands = a.dtype === 'float32' ? [p, q] : converted;
        plan.call('f32_binary', [op, operands[0]!, operands[1]!, to, shape, params], count(y));
      });
    },
  };
}

function powersOfTwo(...values: Value[]): boolean {
  return values.every((v) => Number.isInteger(Math.log2(v.quantization!.scale[0]!)));
}
