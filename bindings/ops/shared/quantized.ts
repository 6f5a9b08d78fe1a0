// Parameter blocks of the quantized binary kernels (assembly/kernels/binary-qs8.ts), computed as TFLite's Prepare functions do:
// in float32 or double where they do.
import { QuantizedOp } from '../../../assembly/lib/opcodes.js';
import type { DType } from '../../dtype.js';
import { type OpNode, output, perTensor, type Value } from '../../graph/ir.js';
import { type Activation, quantizedActivationRange, quantizeMultiplier } from '../../quantization.js';
import type { PlanBuilder } from '../operator.js';

const { fround } = Math;

/** A kernel's operation and its block's address. */
export interface QuantizedCall {
  readonly op: QuantizedOp;
  readonly params: number;
}

export interface Multipliers {
  a?: number;
  b?: number;
  output?: number;
  left?: number;
  extra?: number;
}

function activation(node: OpNode): Activation {
  return node.options.fusedActivationFunction ?? 'NONE';
}

/** The block for inputs a and b; `a`, `b` and `output` are real multipliers. uint8 moves to int8. */
export function block(node: OpNode, a: Value, b: Value, y: Value | null, multipliers: Multipliers): Int32Array {
  const shifted = (dtype: DType) => (dtype === 'uint8' ? 128 : 0);
  const real = (m = 0) => {
    const { multiplier, shift } = quantizeMultiplier(m);
    return [multiplier, shift] as const;
  };
  const flip = shifted(a.dtype);
  const za = perTensor(node, a).zeroPoint - flip;
  const zb = perTensor(node, b).zeroPoint - shifted(b.dtype);
  let [zo, lo, hi] = [0, 0, 0];
  if (y) {
    zo = perTensor(node, y).zeroPoint - flip;
    [lo, hi] = quantizedActivationRange(activation(node), y.dtype, y.quantization!).map((q) => q - flip) as [
      number,
      number,
    ];
  }
  const { left = 0, extra = 0 } = multipliers;
  return Int32Array.of(
    ...[flip, za, zb, zo, lo, hi, left],
    ...real(multipliers.a),
    ...real(multipliers.b),
    ...real(multipliers.output),
    extra,
  );
}

/** ADD (sign 1) and SUB (sign -1). */
export function quantizedSum(node: OpNode, plan: PlanBuilder, a: Value, b: Value, sign: 1 | -1): QuantizedCall {
  const y = output(node);
  const [sa, sb, so] = [a, b, y].map((v) => perTensor(node, v).scale) as [number, number, number];
  if (plan.arithmetic === 'fast' && y.dtype !== 'int16') {
    // XNNPACK's form: the larger multiplier gets 21 bits, the zero points and the rounding go into a bias.
    const [ra, rb] = [fround(sa / so), fround((sign * sb) / so)];
    const shift = Math.min(30, 20 - Math.floor(Math.log2(Math.max(ra, Math.abs(rb)))));
    if (shift >= 10) {
      const words = block(node, a, b, y, {});
      const ma = Math.round(ra * 2 ** shift);
      const mb = Math.round(rb * 2 ** shift);
      words[7] = ma;
      words[9] = mb;
      words[12] = shift;
      words[13] = 2 ** (shift - 1) - words[1]! * ma - words[2]! * mb;
      return { op: QuantizedOp.ADD_FAST, params: plan.constant(words) };
    }
  }
  const left = y.dtype === 'int16' ? 15 : 20;
  const twice = 2 * Math.max(sa, sb);
  const multipliers = { a: sa / twice, b: sb / twice, output: twice / (2 ** left * so), left, extra: sign };
  return { op: QuantizedOp.ADD_EXACT, params: plan.constant(block(node, a, b, y, multipliers)) };
}

export function quantizedProduct(node: OpNode, plan: PlanBuilder, a: Value, b: Value): QuantizedCall {
  const y = output(node);
  const real = fround(fround(perTensor(node, a).scale * perTensor(node, b).scale) / perTensor(node, y).scale);
  const words = block(node, a, b, y, { output: real });
  new Float32Array(words.buffer)[13] = real;
  const fast = plan.arithmetic === 'fast' && y.dtype !== 'int16';
  return { op: fast ? QuantizedOp.MUL_FAST : QuantizedOp.MUL_EXACT, params: plan.constant(words) };
}
