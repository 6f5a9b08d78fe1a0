// The unary operators that are more than a name and a number: what TFLite's kernels compute of quantized values.
import type { UnaryOp } from '../../../assembly/lib/opcodes.js';
import type { DType } from '../../dtype.js';
import { fuseClamps } from '../../graph/fuse-clamps.js';
import type { OpNode } from '../../graph/ir.js';
import { type Activation, activationRange, integerRange, roundAway } from '../../quantization.js';
import type { Operator } from '../operator.js';
import { erfc, multiplication, realFunction16 } from './more-tables.js';
import { type Affine, type QuantizedFunction, realFunction } from './tables.js';
import { type Unary, unary } from './unary.js';

const { fround } = Math;

export const EIGHT_BIT: readonly DType[] = ['int8', 'uint8'];
export const QUANTIZED: readonly DType[] = ['int8', 'uint8', 'int16'];

/** A quantized form by samples of a real function, as TFLite's look-up tables. */
export function sampled(
  dtypes: readonly DType[],
  f: (node: OpNode, x: number, y: Affine, dtype: DType) => number,
): NonNullable<Unary['quantized']> {
  return {
    dtypes,
    table(node, x, y) {
      const { dtype } = node.outputs[0]!;
      const at = (value: number) => f(node, value, y, dtype);
      return dtype === 'int16' ? realFunction16(x, y, at) : realFunction(x, y, at);
    },
  };
}

/** A clamp, with requantization where it is an operator of its own on quantized values. */
export function relu(name: string, float: UnaryOp, lo: number, hi: number, clamp?: Activation): Operator {
  return unary({
    name,
    float,
    clamp,
    quantized: {
      dtypes: QUANTIZED,
      table(node, x, y): QuantizedFunction {
        const limit = (real: number) => y.zeroPoint + roundAway(fround(real / y.scale));
        const [min, max] = integerRange(node.outputs[0]!.dtype);
        const low = Math.max(min, limit(lo));
        const high = Math.min(max, limit(hi));
        const rescale = multiplication(fround(x.scale / y.scale));
        return (q) => Math.min(Math.max(rescale(q - x.zeroPoint) + y.zeroPoint, low), high);
      },
    },
  });
}

export function clampOperator(name: Activation & ('RELU' | 'RELU6' | 'RELU_N1_TO_1'), float: UnaryOp): Operator {
  const [lo, hi] = activationRange(name);
  return { ...relu(name, float, lo, hi, name), rewrite: fuseClamps };
}

const SQRT_HALF = fround(Math.SQRT1_2);
const SQRT_2_OVER_PI = fround(Math.sqrt(2 / Math.PI));

/** x/2 * erfc(-x / sqrt 2), each step in float32. */
export const geluStep = (x: number) => fround(fround(0.5 * x) * fround(erfc(fround(x * -SQRT_HALF))));

/** x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))), each step in float32. */
export function geluTanhStep(x: number): number {
  const cube = fround(fround(fround(fround(0.044715) * x) * x) * x);
  const t = fround(Math.tanh(fround(SQRT_2_OVER_PI * fround(x + cube))));
  return fround(fround(0.5 * x) * fround(1 + t));
}
