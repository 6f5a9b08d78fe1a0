import { type DType, typedArrayOf } from '../../bindings/dtype.js';
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
  const top = Math.max(...x);
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

function caseOf(rng: Rng, dtype: DType, shape: readonly number[], beta = 1): OpCase {
  const quantized = dtype !== 'float32';
  return {
    name: `${dtype} [${shape}] beta ${beta}`,
    options: { beta },
    inputs: [rng.tensor(dtype, shape, { quantization: quantized ? rng.quantization(dtype, 8) : undefined })],
    outputs: [
      {
        dtype,
        shape: [],
        quantization: quantized ? { scale: [1 / 256], zeroPoint: [dtype === 'int8' ? -128 : 0] } : undefined,
      },
    ],
  };
}

const DTYPES: readonly DType[] = ['float32', 'int8', 'uint8'];
const rng = new Rng(11);

export default {
  op: 'SOFTMAX',
  reference({ options, inputs, outputs }) {
    const x = inputs[0]!;
    if (x.dtype === 'float32') return eachRow(x, (v) => row(v, options.beta));
    const scale = fround(x.quantization!.scale[0]!);
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
    {
      name: 'float32 of large and equal elements',
      options: { beta: 1 },
      inputs: [
        { dtype: 'float32', shape: [2, 5], data: Float32Array.of(1e4, -1e4, 9999, 0, 1e4, -80, -80, -80, -80, -80) },
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
  tolerance: () => ({ rtol: 3e-6, atol: 1e-9 }),
} satisfies OpSpec;
