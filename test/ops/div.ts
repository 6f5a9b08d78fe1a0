import { quantizeMultiplier } from '../../bindings/quantization.js';
import { binarySpec, fround, multiplyByQuantizedMultiplier } from '../support/elementwise.js';

const highMul = (a: number, b: number) => Number((BigInt(a) * BigInt(b) + (1n << 30n)) >> 31n);
const saturate = (x: number) => Math.min(Math.max(x, -(2 ** 31)), 2 ** 31 - 1);

/** 1 / (1 + x), x in [0, 1) with 31 fractional bits: gemmlowp's Newton iteration with two integer bits. */
function oneOverOnePlus(x: number): number {
  const half = Math.floor((x + 2 ** 31) / 2);
  let y = 1515870810 + highMul(half, -1010580540);
  for (let i = 0; i < 3; i++) y += saturate(highMul(y, 2 ** 29 - highMul(half, y)) * 4);
  return saturate(y * 2);
}

/** a / b * real. The shift right at the end wraps beyond 31, as on TFLite's hosts. */
function quotient(a: number, b: number, real: number): number {
  if (b === 0) return 0;
  if (b < 0) return quotient(-a, -b, real);
  const digits = 31 - Math.clz32(b);
  const inverse = oneOverOnePlus((b - 2 ** digits) * 2 ** (31 - digits));
  const headroom = Math.clz32(a < 0 ? ~a : a) - 1;
  const q = highMul(a * 2 ** headroom, inverse);
  const { multiplier, shift } = quantizeMultiplier(real);
  const total = shift - digits - headroom;
  if (total >= -31) return multiplyByQuantizedMultiplier(q, multiplier, total);
  const x = highMul(q, multiplier);
  return (x >> (-total & 31)) + (x < 0 ? Number(x > 0) : Number(x > -1));
}

export default binarySpec({
  op: 'DIV',
  dtypes: ['float32', 'float16', 'int8', 'uint8', 'int32', 'int64'],
  f: (a, b) => a / b,
  integer: (a, b) => (b === 0n ? 0n : a / b),
  quantized(qa, qb, a, b, y) {
    const real = fround(a.scale / fround(b.scale * y.scale));
    return quotient(qa - a.zeroPoint, qb - b.zeroPoint, real) + y.zeroPoint;
  },
  activation: true,
});
