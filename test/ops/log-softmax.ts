import type { DType } from '../../bindings/dtype.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';
import { eachRow } from './softmax.js';

const { fround } = Math;

/** Rounds to the nearest integer, ties to even, as C's rint. */
function rint(x: number): number {
  const r = Math.round(x);
  return r - x === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

/** TFLite's optimized kernel: float32 throughout, on a table of exponentials. */
function quantizedRow(x: number[], scale: number, outputScale: number, zeroPoint: number, dtype: DType): number[] {
  const top = Math.max(...x);
  const sum = x.reduce((a, v) => fround(a + fround(Math.exp(fround(-scale * (top - v))))), 0);
  const zero = fround(fround(fround(scale * top) + fround(Math.log(sum))) / outputScale);
  const factor = fround(scale / outputScale);
  const [lo, hi] = dtype === 'int8' ? [-128, 127] : [0, 255];
  return x.map((v) => Math.min(Math.max(rint(fround(fround(factor * v) - zero)) + zeroPoint, lo), hi));
}

function row(x: number[]): number[] {
  const top = Math.max(...x);
  const log = Math.log(x.reduce((a, v) => a + Math.exp(v - top), 0));
  return x.map((v) => v - top - log);
}

function caseOf(rng: Rng, dtype: DType, shape: readonly number[]): OpCase {
  const quantized = dtype !== 'float32';
  return {
    name: `${dtype} [${shape}]`,
    inputs: [rng.tensor(dtype, shape, { quantization: quantized ? rng.quantization(dtype, 8) : undefined })],
    outputs: [
      {
        dtype,
        shape: [],
        quantization: quantized ? { scale: [1 / 16], zeroPoint: [dtype === 'int8' ? 127 : 255] } : undefined,
      },
    ],
  };
}

const DTYPES: readonly DType[] = ['float32', 'int8', 'uint8'];
const rng = new Rng(12);

export default {
  op: 'LOG_SOFTMAX',
  reference({ inputs, outputs }) {
    const x = inputs[0]!;
    if (x.dtype === 'float32') return eachRow(x, row);
    const q = outputs[0]!.quantization!;
    const scale = fround(x.quantization!.scale[0]!);
    return eachRow(x, (v) => quantizedRow(v, scale, q.scale[0]!, q.zeroPoint[0]!, x.dtype));
  },
  cases: DTYPES.flatMap((d) => [caseOf(rng, d, [1, 100]), caseOf(rng, d, [2, 3, 5]), caseOf(rng, d, [2, 1])]),
  random: (rng) => caseOf(rng, rng.pick(DTYPES), [rng.int(1, 4), rng.int(1, 3), rng.dim()]),
  tolerance: () => ({ rtol: 2e-6, atol: 2e-6 }),
} satisfies OpSpec;
