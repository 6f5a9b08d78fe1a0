import {
  coarseCase,
  FORMS,
  lstmCase,
  lstmReference,
  lstmTolerance,
  randomVariant,
  runFloat,
  sparseCase,
  VARIANTS,
} from '../support/lstm.js';
import { Rng } from '../support/random.js';
import { floats, slice } from '../support/recurrent.js';
import { fixedLogistic, fixedTanh } from '../support/sigmoid16.js';
import type { OpCase, OpSpec, ReferenceNode, ReferenceResult, ReferenceTensor } from '../support/spec.js';
import { multiplyByQuantizedMultiplier } from '../support/window.js';

const { fround } = Math;
const saturate16 = (x: number) => Math.min(Math.max(x, -32768), 32767);
/** a * b with 15 fractional bits, halves up. */
const multiply16 = (a: number, b: number) => Math.floor((a * b + 2 ** 14) / 2 ** 15);
const roundAway = (x: number) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);

/** Part of the basic form's weights [4 n, k + n], whose gates are i, g, f, o. */
function part(w: ReferenceTensor, gate: number, n: number, from: number, to: number): ReferenceTensor {
  const columns = w.shape[1]!;
  const rows = Array.from({ length: n }, (_, o) => slice(w, gate * n + o, columns).slice(from, to));
  return { ...w, shape: [n, to - from], data: Float32Array.from(rows.flat()) };
}

/** The basic form in float: the cell with the weights cut apart. */
function basicFloat({ inputs }: ReferenceNode): ReferenceResult[] {
  const [x, state, w, bias, cell] = inputs as ReferenceTensor[] as [
    ReferenceTensor,
    ReferenceTensor,
    ReferenceTensor,
    ReferenceTensor,
    ReferenceTensor,
  ];
  const [batch, k] = x.shape as [number, number];
  const n = cell.shape[1]!;
  const order = [0, 2, 1, 3];
  const none = [null, null, null, null];
  const run = runFloat(
    { fusedActivationFunction: 'TANH' },
    x,
    {
      weights: order.map((gate) => part(w, gate, n, 0, k)),
      recurrent: order.map((gate) => part(w, gate, n, k, k + n)),
      bias: order.map((gate) => ({ ...bias, shape: [n], data: Float32Array.from(slice(bias, gate, n)) })),
      peephole: none,
      norm: none,
      projection: null,
      projectionBias: null,
      state,
      cell,
    },
    false,
  );
  return [{ shape: [batch, n], data: Float32Array.from(run.rows.flat()) }, run.cell];
}

/** The basic form in uint8: gates with 12 fractional bits, a cell state with 11, outputs of scale 1/128 around 128. */
function basicBytes({ inputs }: ReferenceNode): ReferenceResult[] {
  const [x, h, w, bias, c] = inputs as ReferenceTensor[] as [
    ReferenceTensor,
    ReferenceTensor,
    ReferenceTensor,
    ReferenceTensor,
    ReferenceTensor,
  ];
  const [batch, k] = x.shape as [number, number];
  const n = c.shape[1]!;
  const y = new Uint8Array(batch * n);
  const cell = new Int16Array(batch * n);
  for (let b = 0; b < batch; b++) {
    const row = [...slice(x, b, k), ...slice(h, b, n)];
    const gate = (g: number, j: number): number => {
      const sum = slice(w, g * n + j, k + n).reduce(
        (s, v, i) => {
          return s + (row[i]! - 128) * (v - w.quantization!.zeroPoint[0]!);
        },
        bias.data[g * n + j] as number,
      );
      return saturate16(multiplyByQuantizedMultiplier(sum, 4096 * fround(bias.quantization!.scale[0]!)));
    };
    for (let j = 0; j < n; j++) {
      const [i, f, o] = [gate(0, j), gate(2, j), gate(3, j)].map(fixedLogistic) as [number, number, number];
      const added = roundAway(multiply16(i, fixedTanh(gate(1, j), 11)) / 2 ** 4);
      const state = saturate16(added + multiply16(f, c.data[b * n + j] as number));
      cell[b * n + j] = state;
      const hidden = multiply16(o, fixedTanh(saturate16(state * 2), 11));
      y[b * n + j] = 128 + Math.min(Math.max(roundAway(hidden / 2 ** 8), -128), 127);
    }
  }
  return [
    { shape: [batch, n], data: y },
    { shape: [batch, n], data: cell },
  ];
}

function reference(node: ReferenceNode): ReferenceResult[] {
  if (node.inputs.length !== 5) return lstmReference(node);
  return node.inputs[0]!.dtype === 'float32' ? basicFloat(node) : basicBytes(node);
}

function basicCase(rng: Rng, bytes: boolean, [batch, k, n]: readonly [number, number, number]): OpCase {
  const unit = { scale: [1 / 128], zeroPoint: [128] };
  const finer = { scale: [2 ** -11], zeroPoint: [0] };
  const scale = [fround(rng.uniform(0.002, 0.01))];
  return {
    name: `basic ${bytes ? 'uint8' : 'float'} [${batch},${k}] to ${n}`,
    options: { kernelType: 'BASIC', fusedActivationFunction: 'TANH', cellClip: 0, projClip: 0 },
    inputs: bytes
      ? [
          rng.tensor('uint8', [batch, k], { quantization: unit }),
          rng.tensor('uint8', [batch, n], { quantization: unit }),
          rng.tensor('uint8', [4 * n, k + n], {
            quantization: { scale, zeroPoint: [rng.int(100, 150)] },
            constant: true,
          }),
          rng.tensor('int32', [4 * n], {
            quantization: { scale: [fround(scale[0]! / 128)], zeroPoint: [0] },
            constant: true,
          }),
          rng.tensor('int16', [batch, n], { quantization: finer }),
        ]
      : [
          rng.tensor('float32', [batch, k]),
          rng.tensor('float32', [batch, n]),
          floats(rng, [4 * n, k + n], 0.3),
          floats(rng, [4 * n], 0.5),
          rng.tensor('float32', [batch, n]),
        ],
    outputs: bytes
      ? [
          { dtype: 'uint8', shape: [], quantization: unit },
          { dtype: 'int16', shape: [], quantization: finer },
        ]
      : [
          { dtype: 'float32', shape: [] },
          { dtype: 'float32', shape: [] },
        ],
  };
}

const FULL = { kernelType: 'FULL' };

export default {
  op: 'LSTM',
  reference,
  cases: [
    ...FORMS.flatMap((form) => VARIANTS.map((variant, i) => lstmCase(new Rng(i), form, [3, 5], 9, variant, FULL))),
    sparseCase(new Rng(1), 'hybrid', 2, [3, 1, 1]),
    sparseCase(new Rng(2), 'hybrid, uint8', 1, [1, 2, 1], { cifg: true, peephole: true, projClip: 0.3 }),
    sparseCase(new Rng(3), 'hybrid, asymmetric', 3, [2, 1, 2], { norm: true, cellClip: 0.4 }),
    sparseCase(new Rng(4), 'hybrid', 3, [1, 1, 2], {}, [1, 5, 7, 16]),
    coarseCase(new Rng(1), [2, 5], 4, 3, { cifg: true }),
    coarseCase(new Rng(2), [3, 17], 24, 9, { cifg: true, cellClip: 0.4, projClip: 0.3 }),
    coarseCase(new Rng(3), [1, 8], 9, 16, { cellClip: 2 }),
    coarseCase(new Rng(4), [2, 8], 7, 7, { peephole: true }),
    ...[false, true].flatMap((bytes) => [
      basicCase(new Rng(1), bytes, [1, 8, 8]),
      basicCase(new Rng(2), bytes, [3, 5, 17]),
      basicCase(new Rng(3), bytes, [2, 7, 1]),
    ]),
  ],
  random(rng) {
    if (rng.bool(0.2)) return basicCase(rng, rng.bool(), [rng.int(1, 4), rng.dim(), rng.dim()]);
    if (rng.bool(0.2)) {
      const variant = { cifg: rng.bool(), cellClip: rng.pick([0, 0.3]), projClip: rng.pick([0, 0.4]) };
      return coarseCase(rng, [rng.int(1, 4), rng.dim()], rng.dim(), rng.dim(), variant);
    }
    if (rng.bool(0.2)) {
      const form = rng.pick(['hybrid', 'hybrid, asymmetric', 'hybrid, uint8'] as const);
      const { projection: _, ...variant } = randomVariant(rng, form);
      const sizes = [rng.int(1, 3), rng.int(1, 2), rng.int(1, 2)] as const;
      const dense = form === 'hybrid, asymmetric' ? [] : [1, 2, 3, 5, 6, 7, 8, 16].filter(() => rng.bool(0.3));
      return sparseCase(rng, form, rng.int(1, 4), sizes, variant, dense);
    }
    const form = rng.pick(FORMS);
    return lstmCase(rng, form, [rng.int(1, 4), rng.dim()], rng.dim(), randomVariant(rng, form), FULL);
  },
  tolerance: (c) =>
    c.inputs.length === 5 ? (c.inputs[0]!.dtype === 'float32' ? { atol: 1e-5 } : { lsb: 0 }) : lstmTolerance(c),
} as OpSpec;
