import type { CompareOp } from '../../../assembly/lib/opcodes.js';
import type { DType } from '../../dtype.js';
import { count, input, invalid, output, perTensor, unsupported, type Value } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { fullInputs } from './arithmetic.js';
import { broadcastBlock, broadcastShape } from './broadcast.js';
import { converted } from './convert.js';
import { quantizedComparison } from './more-quantized.js';

const KERNEL = {
  float32: 'f32',
  float16: 'f32',
  bfloat16: 'f32',
  int64: 'i64',
  int32: 'i32',
  int16: 'i16',
  bool: 'x8',
  string: 'i32',
} as const;
const HALVES: readonly DType[] = ['float16', 'bfloat16'];

/** TFLite takes bytes for quantized; those without a scale have 0 for it, so that they are all equal. */
const scaled = (value: Value): Value =>
  value.quantization?.scale.length
    ? value
    : { ...value, quantization: { scale: Float32Array.of(0), zeroPoint: Int32Array.of(0), axis: 0 } };

/**
 * A comparison `a op b`, or `b op a` where `swapped`. Quantized values are compared after TFLite's rescaling, which
 * for small scales makes different values equal; int16 is rescaled for equality alone. Strings that are equal have one number.
 */
export function comparison(
  name: string,
  op: CompareOp,
  options: { swapped?: boolean; equality?: boolean } = {},
): Operator {
  const isQuantized = ({ dtype, quantization }: Value) =>
    dtype === 'int8' || dtype === 'uint8' || (dtype === 'int16' && !!quantization && !!options.equality);
  return {
    name,
    infer(node) {
      const [a, b, y] = [input(node, 0), input(node, 1), output(node)];
      if (a.dtype !== b.dtype) throw invalid(node, `inputs of types ${a.dtype} and ${b.dtype}`);
      if (y.dtype !== 'bool') throw invalid(node, `output is ${y.dtype}, expected bool`);
      if (isQuantized(a)) {
        perTensor(node, scaled(a));
        perTensor(node, scaled(b));
      } else if (!(a.dtype in KERNEL) || (!options.equality && (a.dtype === 'bool' || a.dtype === 'string'))) {
        throw unsupported(node, `inputs of type ${a.dtype}`);
      }
      return [broadcastShape(node, a.shape, b.shape)];
    },
    inPlace: (node) => (input(node, 0).dtype === 'bool' ? fullInputs(node) : []),
    lower(node, plan) {
      const [a, b] = options.swapped ? [input(node, 1), input(node, 0)] : [input(node, 0), input(node, 1)];
      const y = output(node);
      const shape = plan.constant(broadcastBlock(a.shape, b.shape));
      if (isQuantized(a)) {
        const params = quantizedComparison(node, plan, scaled(a), scaled(b));
        return plan.call(a.dtype === 'int16' ? 'qs16_compare' : 'qs8_compare', [op, a, b, y, shape, params], count(y));
      }
      const [p, q] = HALVES.includes(a.dtype) ? [a, b].map((x) => converted(plan, x, 'float32')) : [a, b];
      plan.call(`${KERNEL[a.dtype as 'int32']}_compare`, [op, p!, q!, y, shape], count(y));
    },
  };
}
