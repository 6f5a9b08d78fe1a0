import { Rng } from '../support/random.js';
import { applyActivation, floatState, floats, multiplyRow, signed, slice, weights } from '../support/recurrent.js';
import type { OpCase, OpSpec, ReferenceNode, ReferenceResult, ReferenceTensor } from '../support/spec.js';
import { multiplyByQuantizedMultiplier } from '../support/window.js';

const { fround } = Math;
const clamp = (x: number, lo: number, hi: number) => Math.min(Math.max(x, lo), hi);

/** The state of each filter moves on by one, takes the new result at its end, and meets the time weights. */
function reference({ inputs, outputs, options }: ReferenceNode): ReferenceResult[] {
  const [x, features, times, bias, old] = inputs as ReferenceTensor[] as [
    ReferenceTensor,
    ReferenceTensor,
    ReferenceTensor,
    ReferenceTensor | null,
    ReferenceTensor,
  ];
  const y = outputs[0]!;
  const [batch, k] = x.shape as [number, number];
  const [filters, size] = times.shape as [number, number];
  const units = filters / options.rank;
  const integer = x.dtype === 'int8';
  const scale = (t: { quantization?: { scale: readonly number[] } }) => fround(t.quantization?.scale[0] ?? 1);
  const state = old.data.slice() as Float32Array;
  const data = integer ? new Int8Array(batch * units) : new Float32Array(batch * units);
  for (let b = 0; b < batch; b++) {
    const row = slice(x, b, k);
    let results: number[];
    if (integer) {
      const real = fround(fround(scale(x) * scale(features)) / scale(old));
      results = Array.from({ length: filters }, (_, f) => {
        const sum = slice(features, f, k).reduce((s, w, i) => s + w * (row[i]! - x.quantization!.zeroPoint[0]!), 0);
        return clamp(multiplyByQuantizedMultiplier(sum, real), -32768, 32767);
      });
    } else results = multiplyRow(row, features, options);
    for (let u = 0; u < units; u++) {
      let sum = Number(bias?.data[u] ?? 0);
      for (let f = u * options.rank; f < (u + 1) * options.rank; f++) {
        const own = state.subarray((b * filters + f) * size, (b * filters + f + 1) * size);
        own.copyWithin(0, 1);
        own[size - 1] = results[f]!;
        const w = slice(signed(times), f, size);
        const unit = /int8/.test(times.dtype) ? scale(times) : 1;
        for (let i = 0; i < size; i++) sum += own[i]! * w[i]! * unit;
      }
      if (integer) {
        const real = fround(fround(scale(old) * scale(times)) / scale(y));
        data[b * units + u] = clamp(
          multiplyByQuantizedMultiplier(sum, real) + y.quantization!.zeroPoint[0]!,
          -128,
          127,
        );
      } else data[b * units + u] = applyActivation(options.fusedActivationFunction, sum);
    }
  }
  return [
    { shape: [batch, units], data },
    { shape: old.shape, data: state },
  ];
}

const FORMS = ['float', 'hybrid', 'hybrid, times too', 'hybrid, all uint8', 'integer'] as const;

function caseOf(
  rng: Rng,
  form: (typeof FORMS)[number],
  [batch, k]: readonly [number, number],
  units: number,
  size: number,
  rank: number,
  activation = rng.pick(['NONE', 'RELU', 'TANH']),
): OpCase {
  const filters = units * rank;
  const shape = [batch, k];
  const shared = { name: `${form} [${shape}] to ${units}, rank ${rank}, memory ${size}` };
  const asymmetricQuantizeInputs = rng.bool();
  const bytes = form === 'hybrid, all uint8' ? 'uint8' : 'int8';
  if (form === 'integer') {
    const scaled = (s: number, zeroPoint = 0) => ({ scale: [fround(s * rng.uniform(0.5, 1))], zeroPoint: [zeroPoint] });
    const stateShape = [batch, filters * size];
    return {
      ...shared,
      options: { rank, fusedActivationFunction: 'RELU' },
      inputs: [
        rng.tensor('int8', shape, { quantization: scaled(1 / 64, rng.int(-128, 127)) }),
        weights(rng, 'int8', [filters, k]),
        {
          dtype: 'int16',
          shape: [filters, size],
          data: Int16Array.from(rng.data('int16', [filters, size]) as Int16Array, (v) => v >> 4),
          quantization: scaled(1 / 2048),
          constant: true,
        },
        rng.bool(0.7) ? { dtype: 'int32', shape: [units], data: rng.data('int32', [units]), constant: true } : null,
        {
          dtype: 'int16',
          shape: stateShape,
          data: rng.data('int16', stateShape),
          quantization: scaled(1 / 4096),
          variable: true,
        },
      ],
      outputs: [{ dtype: 'int8', shape: [], quantization: scaled(1 / 8, -128) }],
    };
  }
  return {
    ...shared,
    options: { rank, fusedActivationFunction: activation, asymmetricQuantizeInputs },
    inputs: [
      { dtype: 'float32', shape, data: rng.data('float32', shape, 1) },
      weights(rng, form === 'float' ? 'float32' : bytes, [filters, k]),
      weights(rng, form === 'float' || form === 'hybrid' ? 'float32' : bytes, [filters, size]),
      rng.bool(0.7) ? floats(rng, [units], 1) : null,
      floatState(rng, [batch, filters * size]),
    ],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

export default {
  op: 'SVDF',
  reference,
  cases: [
    caseOf(new Rng(4), 'float', [2, 5], 9, 3, 2, 'SIGN_BIT'),
    ...FORMS.flatMap((form) => [
      caseOf(new Rng(1), form, [1, 8], 16, 4, 1),
      caseOf(new Rng(2), form, [3, 5], 7, 1, 2),
      caseOf(new Rng(3), form, [2, 33], 4, 10, 3),
    ]),
  ],
  random: (rng) => caseOf(rng, rng.pick(FORMS), [rng.int(1, 4), rng.dim()], rng.dim(), rng.int(1, 12), rng.int(1, 3)),
  tolerance: ({ inputs }) => (inputs[0]!.dtype === 'float32' ? { atol: 2e-5 } : {}),
} as OpSpec;
