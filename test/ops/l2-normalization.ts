import type { DType } from '../../bindings/dtype.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';
import { eachRow } from './softmax.js';

const { fround } = Math;

function row(x: number[]): number[] {
  const norm = Math.sqrt(x.reduce((a, v) => a + v * v, 0));
  return x.map((v) => v / Math.max(norm, fround(1e-6)));
}

/** SaturatingRoundingDoublingHighMul: (a b + 2^30) / 2^31, rounded down, which is to nearest with halves up. */
export const highMul = (a: number, b: number) => Number((BigInt(a) * BigInt(b) + (1n << 30n)) >> 31n);
const saturate = (x: number) => Math.min(Math.max(x, -(2 ** 31)), 2 ** 31 - 1);
const roundAway = (x: number) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);

/** 1 / sqrt(x) = multiplier * 2^(-31 - shift), by five Newton steps in fixed point with three integer bits. */
export function inverseSqrt(x: number): [multiplier: number, shift: number] {
  if (x <= 1) return [2 ** 31 - 1, 0];
  let shift = 11;
  for (; x >= 2 ** 29; shift++) x = Math.trunc(x / 4);
  for (; x < 2 ** 27; shift--) x *= 4;
  const half = Math.floor((Math.floor(x / 2) + 1) / 2);
  let v = 2 ** 28;
  for (let i = 0; i < 5; i++) {
    const cube = saturate(highMul(highMul(v, v), v) * 64);
    v = saturate((highMul(1.5 * 2 ** 28, v) - highMul(half, cube)) * 8);
  }
  const multiplier = highMul(v, 1518500250);
  return shift < 0 ? [multiplier * 2 ** -shift, 0] : [multiplier, shift];
}

function quantizedRow(x: number[], zeroPoint: number, dtype: DType): number[] {
  const d = x.map((v) => v - zeroPoint);
  const [multiplier, shift] = inverseSqrt(d.reduce((a, v) => a + v * v, 0));
  return d.map((v) => {
    if (dtype === 'uint8') {
      return Math.min(Math.max(roundAway(highMul(128 * v, multiplier) / 2 ** shift) + 128, 0), 255);
    }
    // The factor 128 is a left shift before the multiplication, as far as the right shift does not eat it up.
    const left = Math.max(0, 7 - shift);
    const right = Math.max(0, shift - 7);
    return Math.min(Math.max(roundAway(highMul(v * 2 ** left, multiplier) / 2 ** right), -128), 127);
  });
}

function caseOf(rng: Rng, dtype: DType, shape: readonly number[]): OpCase {
  const quantized = dtype !== 'float32';
  return {
    name: `${dtype} [${shape}]`,
    options: { fusedActivationFunction: 'NONE' },
    inputs: [rng.tensor(dtype, shape, { quantization: quantized ? rng.quantization(dtype) : undefined })],
    outputs: [
      {
        dtype,
        shape: [],
        quantization: quantized ? { scale: [1 / 128], zeroPoint: [dtype === 'int8' ? 0 : 128] } : undefined,
      },
    ],
  };
}

const DTYPES: readonly DType[] = ['float32', 'int8', 'uint8'];
const rng = new Rng(15);

export default {
  op: 'L2_NORMALIZATION',
  reference({ inputs }) {
    const x = inputs[0]!;
    if (x.dtype === 'float32') return eachRow(x, row);
    return eachRow(x, (v) => quantizedRow(v, x.quantization!.zeroPoint[0]!, x.dtype));
  },
  cases: [
    ...DTYPES.flatMap((d) => [caseOf(rng, d, [1, 1, 1, 4]), caseOf(rng, d, [3, 1, 2, 33]), caseOf(rng, d, [9])]),
    {
      name: 'float32 of zeros',
      inputs: [{ dtype: 'float32', shape: [2, 5], data: new Float32Array(10) }],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    {
      name: 'int8 of zeros and ones',
      inputs: [
        {
          dtype: 'int8',
          shape: [2, 5],
          quantization: { scale: [0.1], zeroPoint: [3] },
          data: Int8Array.of(3, 3, 3, 3, 3, 3, 4, 3, 3, 3),
        },
      ],
      outputs: [{ dtype: 'int8', shape: [], quantization: { scale: [1 / 128], zeroPoint: [0] } }],
    },
  ],
  random: (rng) => caseOf(rng, rng.pick(DTYPES), [rng.int(1, 4), rng.int(1, 3), rng.dim()]),
} satisfies OpSpec;
