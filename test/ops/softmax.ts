import { type DType, typedArrayOf } from '../../bindings/dtype.js';
import { floatToHalf, halfToFloat } from '../../bindings/half.js';
import { multiplyByQuantizedMultiplier, quantizeMultiplier } from '../../bindings/quantization.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec, ReferenceTensor } from '../support/spec.js';

const { fround } = Math;

/** TFLite's optimized kernel: float32 throughout, on a table of exponentials, the sum in order. */
function quantizedRow(x: number[], scale: number, beta: number, outputScale: number, dtype: DType): number[] {
  const step = -fround(scale * fround(beta));
  const top = Math.max(...x);
  const e = x.map((v) => fround(Math.exp(fround(step * (top - v)))));
  const sum = e.reduce((a, b) => fround(a + b), 0);
  const factor = fround(1 / fround(sum * outputScale));
  return e.map((v) => {
    const p = fround(v * factor);
    const q = dtype === 'uint8' ? Math.trunc(fround(p + 0.5)) : Math.floor(p) + (p % 1 >= 0.5 ? 1 : 0) - 128;
    return Math.min(q, dtype === 'uint8' ? 255 : 127);
  });
}

function row(x: number[], beta: number): number[] {
  const top = beta < 0 ? Math.min(...x) : Math.max(...x);
  const e = x.map((v) => Math.exp((v - top) * beta));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
}

export function eachRow(x: ReferenceTensor, f: (row: number[]) => number[]) {
  const channels = x.shape.at(-1)!;
  const data = new (typedArrayOf(x.dtype))(x.data.length);
  for (let i = 0; i < data.length; i += channels) {
    f(Array.from(x.data.subarray(i, i + channels) as Float32Array)).forEach((v, c) => {
      data[i + c] = v;
    });
  }
  return [{ shape: x.shape, data }];
}

/** Linear interpolation between 513 samples of f over lo..hi, each with 15 fractional bits. */
function table(lo: number, hi: number, f: (x: number) => number): (q: number) => number {
  const step = (hi - lo) / 512;
  const at = (x: number) => (f(x) * 65536) / 2;
  const samples = Array.from({ length: 513 }, (_, i) => {
    const x = lo + i * step;
    if (i === 512) return Math.min(Math.round(at(x)), 32767);
    // Nudged by half of the error that interpolation would have in the middle.
    const middle = Math.round((at(x + step) + Math.round(at(x))) / 2);
    const error = middle - Math.round(at(x + step / 2));
    return Math.min(Math.round(at(x)) - Math.sign(error) * Math.floor(Math.abs(error) / 2 + 0.5), 32767);
  });
  return (q) => {
    const i = (q + 32768) >> 7;
    return samples[i]! + (((samples[i + 1]! - samples[i]!) * (q & 127) + 64) >> 7);
  };
}

const expOf = table(-10, 0, Math.exp);
const inverseOf = table(0, 1, (x) => 1 / (1 + x));
const saturate = (x: number) => Math.min(Math.max(x, -32768), 32767);

/** TFLite's integer kernel: exponentials by table, their sum as 2^k (1 + d), the inverse of 1 + d by table. */
function row16(x: number[], scale: number, beta: number): number[] {
  const { multiplier, shift } = quantizeMultiplier(fround(scale * fround(beta)) / (10 / 65535));
  const top = Math.max(...x);
  const e = x.map((v) => expOf(saturate(multiplyByQuantizedMultiplier(v - top, multiplier, shift) + 32767)));
  const sum = e.reduce((a, b) => a + b, 0);
  const k = Math.floor(Math.log2(sum));
  const d = Math.floor(sum * 2 ** (16 - k) + 0.5) - 2 ** 15 - 2 ** 16;
  const inverse = inverseOf(saturate(d));
  return e.map((v) => Math.min(Math.floor((v * inverse) / 2 ** k + 0.5), 32767));
}

/** Fixed point as in gemmlowp; raw values as bigints where products need them. */
const highMul = (a: number, b: number) => Number((BigInt(a) * BigInt(b) + (1n << 30n)) >> 31n);
const rounding = (x: number, bits: number) => Math.sign(x) * Math.floor((Math.abs(x) + 2 ** (bits - 1)) / 2 ** bits);

/** e^a, a <= 0 with 26 fractional bits. */
function expOfNegative(a: number): number {
  if (a === 0) return 2 ** 31 - 1;
  const quarters = Math.ceil(-a / 2 ** 24) - 1;
  // In (-1/4, 0], less a quarter where it is 0.
  const rest = (a & 0xffffff) - 2 ** 24;
  const x = rest * 32 + 2 ** 28;
  const x2 = highMul(x, x);
  const x4 = rounding(highMul(x2, x2), 2);
  const series = rounding(highMul(x4 + highMul(x2, x), 715827883) + x2, 1);
  const powers = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242];
  return powers.reduce(
    (y, power, k) => ((quarters >> k) & 1 ? highMul(y, power) : y),
    1895147668 + highMul(1895147668, x + series),
  );
}

/** 1 / (1 + x), x in [0, 1). */
function oneOverOnePlus(x: number): number {
  const half = Math.floor((x + 2 ** 31) / 2);
  let y = 1515870810 + highMul(half, -1010580540);
  for (let i = 0; i < 3; i++) y += highMul(y, 2 ** 29 - highMul(half, y)) * 4;
  return Math.min(y * 2, 2 ** 31 - 1);
}

/** TFLite's kernel from int8 to int16. */
function row8to16(x: number[], scale: number, beta: number): number[] {
  const { multiplier, shift } = quantizeMultiplier(Math.min(beta * scale * 2 ** 26, 2 ** 31 - 1));
  const least = -Math.floor((31 * 2 ** 26) / 2 ** shift);
  const top = Math.max(...x);
  const e = x.map((v) => (v - top < least ? null : expOfNegative(highMul((v - top) * 2 ** shift, multiplier))));
  const sum = e.reduce<number>((a, b) => a + (b === null ? 0 : rounding(b, 12)), 0);
  const headroom = Math.clz32(sum);
  const inverse = oneOverOnePlus(sum * 2 ** headroom - 2 ** 31);
  return e.map((v) =>
    v === null ? -32768 : Math.min(rounding(highMul(inverse, v), 12 - headroom + 15) - 32768, 32767),
  );
}

function caseOf(rng: Rng, dtype: DType, shape: readonly number[], beta = 1): OpCase {
  const quantized = dtype !== 'float32' && dtype !== 'float16';
  return {
    name: `${dtype} [${shape}] beta ${beta}`,
    options: { beta },
    inputs: [rng.tensor(dtype, shape, { quantization: quantized ? rng.quantization(dtype, 8) : undefined })],
    outputs: [
      {
        dtype,
        shape: [],
        quantization: quantized
          ? { scale: [dtype === 'int16' ? 1 / 32768 : 1 / 256], zeroPoint: [dtype === 'int8' ? -128 : 0] }
          : undefined,
      },
    ],
  };
}

function bytesToWords(rng: Rng, shape: readonly number[], beta: number): OpCase {
  const c = caseOf(rng, 'int8', shape, beta);
  const quantization = { scale: [1 / 65536], zeroPoint: [-32768] };
  return { ...c, name: `${c.name} to int16`, outputs: [{ dtype: 'int16', shape: [], quantization }] };
}

const DTYPES: readonly DType[] = ['float32', 'float16', 'int8', 'uint8', 'int16'];
const rng = new Rng(11);

export default {
  op: 'SOFTMAX',
  reference({ options, inputs, outputs }) {
    const x = inputs[0]!;
    if (x.dtype === 'float32') return eachRow(x, (v) => row(v, options.beta));
    if (x.dtype === 'float16') {
      return eachRow(x, (v) => row(v.map(halfToFloat), options.beta).map((p) => floatToHalf(fround(p))));
    }
    const scale = fround(x.quantization!.scale[0]!);
    if (x.dtype === 'int8' && outputs[0]!.dtype === 'int16') {
      return eachRow({ ...x, dtype: 'int16' }, (v) => row8to16(v, scale, options.beta));
    }
    if (x.dtype === 'int16') return eachRow(x, (v) => row16(v, scale, options.beta));
    const outputScale = fround(outputs[0]!.quantization!.scale[0]!);
    return eachRow(x, (v) => quantizedRow(v, scale, options.beta, outputScale, x.dtype));
  },
  cases: [
    ...DTYPES.flatMap((d) => [
      caseOf(rng, d, [1, 1001]),
      caseOf(rng, d, [2, 3, 5], 0.5),
      caseOf(rng, d, [3, 2, 2, 16], 2),
      caseOf(rng, d, [4, 1]),
      caseOf(rng, d, [7]),
    ]),
    bytesToWords(rng, [1, 2], 1),
    bytesToWords(rng, [5, 1001], 0.3),
    bytesToWords(rng, [40, 7], 20),
    caseOf(rng, 'float32', [3, 21], -1),
    {
      name: 'float32 of large and equal elements',
      options: { beta: 1 },
      inputs: [
        { dtype: 'float32', shape: [2, 5], data: Float32Array.of(1e4, -1e4, 9999, 0, 1e4, -80, -80, -80, -80, -80) },
      ],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    {
      name: 'float32 of large elements with a negative beta',
      options: { beta: -0.5 },
      inputs: [
        { dtype: 'float32', shape: [1, 9], data: Float32Array.of(1e4, 9e3, 9001, 9002, 9e3, 9004, 9180, 9400, 3e4) },
      ],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],
  random: (rng) =>
    caseOf(
      rng,
      rng.pick(DTYPES),
      [...Array.from({ length: rng.int(0, 3) }, () => rng.int(1, 4)), rng.dim()],
      rng.pick([1, 1, 0.5, 3]),
    ),
  tolerance: ({ inputs }) => (inputs[0]!.dtype === 'float16' ? { rtol: 1e-3, atol: 1e-6 } : { rtol: 3e-6, atol: 1e-9 }),
} satisfies OpSpec;
