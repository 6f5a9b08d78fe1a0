import { type DType, typedArrayOf } from '../../bindings/dtype.js';
import { floatToHalf, halfToFloat } from '../../bindings/half.js';
import { integerRange, multiplyByQuantizedMultiplier, quantizeMultiplier } from '../../bindings/quantization.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec, QuantizationSpec, ReferenceTensor } from '../support/spec.js';

const { fround } = Math;

/** TFLite's optimized kernel: float32 throughout, on a table of exponentials, the sum in order. uint8 has no zero point. */
function quantizedRow(x: number[], scale: number, beta: number, dtype: DType, output: QuantizationSpec): number[] {
  const [outputScale, zeroPoint] = [fround(output.scale[0]!), output.zeroPoint[0]!];
  const [least, most] = integerRange(dtype);
  const step = -fround(scale * fround(beta));
  const top = Math.max(...x);
  const e = x.map((v) => fround(Math.exp(fround(step * (top - v)))));
  const sum = e.reduce((a, b) => fround(a + b), 0);
  const factor = fround(1 / fround(sum * outputScale));
  return e.map((v) => {
    const p = fround(v * factor);
    const q = dtype === 'uint8' ? Math.trunc(fround(p + 0.5)) : Math.floor(p) + (p % 1 >= 0.5 ? 1 : 0) + zeroPoint;
    return Math.min(Math.max(q, least), most);
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

function bytesToWords(rng: Rng, dtype: 'int8' | 'uint8', shape: readonly number[], beta: number): OpCase {
  const c = caseOf(rng, dtype, shape, beta);
  const quantization = rng.pick([
    { scale: [1 / 65536], zeroPoint: [-32768] },
    { scale: [1 / 32768], zeroPoint: [0] },
    { scale: [1e-5], zeroPoint: [-3000] },
  ]);
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
    if (x.dtype === 'int16') return eachRow(x, (v) => row16(v, scale, options.beta));
    const { dtype, quantization } = outputs[0]!;
    return eachRow({ ...x, dtype }, (v) => quantizedRow(v, scale, options.beta, dtype, quantization!));
  },
  cases: [
    ...DTYPES.flatMap((d) => [
      caseOf(rng, d, [1, 1001]),
      caseOf(rng, d, [2, 3, 5], 0.5),
      caseOf(rng, d, [3, 2, 2, 16], 2),
      caseOf(rng, d, [4, 1]),
      caseOf(rng, d, [7]),
    ]),
    ...(['int8', 'uint8'] as const).flatMap((dtype) => [
      bytesToWords(rng, dtype, [1, 2], 1),
      bytesToWords(rng, dtype, [5, 1001], 0.3),
      bytesToWords(rng, dtype, [40, 7], 20),
    ]),
    (() => {
      const c = caseOf(rng, 'uint8', [3, 9]);
      const quantization = { scale: [1 / 256], zeroPoint: [17] };
      return { ...c, name: `${c.name} with a zero point`, outputs: [{ dtype: 'uint8', shape: [], quantization }] };
    })(),
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
