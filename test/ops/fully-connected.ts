import { elementCount } from '../../bindings/dtype.js';
import { halfToFloat } from '../../bindings/half.js';
import { roundAway } from '../../bindings/quantization.js';
import { halvesTolerance, withHalves } from '../support/halves.js';
import {
  FORMS,
  type Form,
  isFloat,
  quantizeRun,
  randomWeights,
  requantizeProduct,
  scaleOf,
} from '../support/matrix.js';
import { Rng } from '../support/random.js';
import { applyActivation } from '../support/recurrent.js';
import type { OpCase, OpSpec, ReferenceNode, ReferenceResult, ReferenceTensor, TensorSpec } from '../support/spec.js';
import { activateQuantized, empty, integers, multiplyWide } from '../support/window.js';

const { fround } = Math;

/** Input scale * weight scale / output scale; TFLite rounds the product to float32 where one scale serves all outputs. */
function multiplier(x: ReferenceTensor, w: ReferenceTensor, yScale: number, o: number): number {
  const product = fround(x.quantization!.scale[0]!) * scaleOf(w, o);
  return (w.quantization!.scale.length === 1 ? fround(product) : product) / fround(yScale);
}

/** int16 activations: in double precision with int8 weights, halves away from zero; in 64-bit fixed point with int16 weights. */
function rescale16(sum: number, x: ReferenceTensor, w: ReferenceTensor, yScale: number, o: number): number {
  if (w.dtype === 'int16') return multiplyWide(BigInt(sum), multiplier(x, w, yScale, o));
  return roundAway(sum * ((fround(x.quantization!.scale[0]!) * scaleOf(w, o)) / fround(yScale)));
}

/** Weights in blocks of 4 rows and 16 columns, flipped to int8, and back. */
function shuffle(rows: Uint8Array, k: number, back = false): Uint8Array {
  const out = new Uint8Array(rows.length);
  let at = 0;
  for (let o = 0; o < rows.length / k; o += 4) {
    for (let j = 0; j < k; j += 16) {
      for (let i = 0; i < 4; i++) {
        for (let c = 0; c < 16; c++) {
          const plain = (o + i) * k + j + c;
          if (back) out[plain] = rows[at++]! ^ 128;
          else out[at++] = rows[plain]! ^ 128;
        }
      }
    }
  }
  return out;
}

/** No depth: TFLite leaves out the bias, too. */
const HOLLOW: OpCase = {
  name: 'no depth',
  options: { fusedActivationFunction: 'NONE', keepNumDims: true },
  inputs: [
    { dtype: 'float32', shape: [2, 3, 0], data: new Float32Array(0) },
    { dtype: 'float32', shape: [4, 0], data: new Float32Array(0), constant: true },
    { dtype: 'float32', shape: [4], data: Float32Array.of(1, 2, 3, 4), constant: true },
  ],
  outputs: [{ dtype: 'float32', shape: [] }],
};

function shuffled(rng: Rng, m: number, k: number, n: number): OpCase {
  const { inputs, options, outputs } = build(rng, { x: 'uint8', w: 'uint8', perChannel: false }, [m, k], n);
  const [x, w, bias] = inputs;
  const centered = (t: TensorSpec, zeroPoint: number) => ({
    ...t,
    quantization: { ...t.quantization!, zeroPoint: [zeroPoint] },
  });
  const scale = outputs[0]!.quantization!.scale.map((s) => fround(s / 256));
  return {
    name: `shuffled [${m},${k}] to ${n}`,
    options: { ...options, weightsFormat: 'SHUFFLED4x16INT8' },
    inputs: [centered(x!, 128), { ...centered(w!, 128), data: shuffle(w!.data as Uint8Array, k) }, bias!],
    outputs: [{ dtype: 'int16', shape: [], quantization: { scale, zeroPoint: [0] } }],
  };
}

/** y[i, o] = bias[o] + sum of (x[i, j] - zero) * (w[o, j] - zero), where x is any tensor cut into rows of w's depth. */
function reference({ inputs, outputs, options }: ReferenceNode): ReferenceResult[] {
  const [x, w, bias] = [inputs[0]!, inputs[1]!, inputs[2]];
  const y = outputs[0]!;
  const [n, k] = w.shape as [number, number];
  if (k === 0) {
    const shape = [...x.shape.slice(0, -1), n];
    return [{ shape, data: empty(y.dtype, elementCount(shape)) }];
  }
  const m = elementCount(x.shape) / k;
  const inRows = options.weightsFormat !== 'SHUFFLED4x16INT8';
  const weights = inRows ? integers(w, x) : shuffle(w.data as Uint8Array, k, true);
  const wZero = w.quantization?.scale.length === 1 && x.dtype !== 'float32' ? w.quantization.zeroPoint[0]! : 0;
  const hybrid = x.dtype === 'float32' && w.dtype !== 'float32';
  const data = empty(y.dtype, m * n);
  for (let i = 0; i < m; i++) {
    let row: ArrayLike<number> = (x.data as Float32Array).subarray(i * k, (i + 1) * k);
    let xZero = x.dtype === 'float32' ? 0 : x.quantization!.zeroPoint[0]!;
    let xScale = 1;
    if (hybrid) {
      const run = quantizeRun(row as Float32Array, !!options.asymmetricQuantizeInputs || !!w.blocks);
      [row, xScale, xZero] = [run.q, run.scale, run.zeroPoint];
    }
    for (let o = 0; o < n; o++) {
      let sum = 0;
      for (let j = 0; j < k; j++) {
        const at = o * k + j;
        const scale = w.blocks ? halfToFloat(w.blocks.scales.data![Math.floor(at / w.blocks.size)] as number) : 1;
        sum += (row[j]! - xZero) * (weights[at]! - wZero) * scale;
      }
      const b = bias ? Number(bias.data[o]!) : 0;
      const { fusedActivationFunction: activation } = options;
      if (x.dtype === 'float32')
        data[i * n + o] = applyActivation(activation, sum * xScale * (hybrid && !w.blocks ? scaleOf(w, o) : 1) + b);
      else if (x.dtype === 'int16') {
        const scaled = rescale16(sum + b, x, w, y.quantization!.scale[0]!, o);
        data[i * n + o] = activateQuantized(activation, 'int16', y.quantization!, scaled);
      } else {
        const real = multiplier(x, w, y.quantization!.scale[0]!, o);
        data[i * n + o] = requantizeProduct(sum + b, real, x.dtype, y, activation);
      }
    }
  }
  return [{ shape: options.keepNumDims ? [...x.shape.slice(0, -1), n] : [m, n], data }];
}

function build(
  rng: Rng,
  form: Form,
  rows: readonly number[],
  n: number,
  { bias = true, constant = true, activation = 'NONE', keepNumDims = false, asymmetric = false } = {},
): OpCase {
  const k = keepNumDims ? rows.at(-1)! : elementCount(rows.slice(1));
  const p = randomWeights(rng, form, [n, k], constant);
  const x = rng.tensor(form.x, rows, isFloat(form.x) ? {} : { quantization: rng.quantization(form.x) });
  return {
    name: `${form.x} x ${form.w}${form.perChannel ? ' per channel' : ''} [${rows}] to ${n}${constant ? '' : ', weights at run time'}`,
    options: { fusedActivationFunction: activation, keepNumDims, asymmetricQuantizeInputs: asymmetric },
    inputs: [x, p.w, bias ? p.bias : null],
    outputs: [p.y],
  };
}

/** Float weights of which two thirds are zero, as pruning leaves them; the columns keep few or many. */
function pruned(rng: Rng, ...[rows, n, activation]: [rows: readonly number[], n: number, activation?: string]): OpCase {
  const form = FORMS.find(({ x, w }) => x === 'float32' && w === 'float32')!;
  const made = build(rng, form, rows, n, { activation });
  const [x, w, ...bias] = made.inputs;
  const data = (w!.data as Float32Array).map((value) => (rng.bool(0.33) ? value : 0));
  return { ...made, name: `${made.name}, pruned`, inputs: [x!, { ...w!, data }, ...bias] };
}

/** int4 weights with a scale for each 8 of a row. */
function inBlocks(rng: Rng, rows: readonly number[], n: number): OpCase {
  const [x, w, bias] = build(rng, { x: 'float32', w: 'int4', perChannel: false }, rows, n).inputs;
  const { quantization: _, ...plain } = w!;
  const size = 8;
  const scales = { ...rng.tensor('float16', [n, w!.shape[1]! / size]), constant: true };
  return {
    name: `float32 x int4 in blocks [${rows}] to ${n}`,
    options: { fusedActivationFunction: 'NONE', asymmetricQuantizeInputs: true },
    inputs: [x!, { ...plain, blocks: { scales, size } }, bias!],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

const ALL: readonly Form[] = [
  ...FORMS,
  { x: 'float16', w: 'int8', perChannel: true },
  { x: 'int16', w: 'int8', perChannel: false, zeroPoint: 7 },
  { x: 'int16', w: 'int16', perChannel: false },
  { x: 'int16', w: 'int16', perChannel: false, zeroPoint: -300 },
  { x: 'int16', w: 'int16', perChannel: true },
];

export default {
  op: 'FULLY_CONNECTED',
  reference: withHalves(reference),
  cases: ALL.flatMap((form, i) => {
    const rng = new Rng(13);
    const sparse = new Rng(14);
    return [
      ...(i === 0
        ? [
            HOLLOW,
            shuffled(new Rng(17), 1, 32, 8),
            shuffled(new Rng(18), 4, 16, 12),
            inBlocks(new Rng(15), [1, 32], 9),
            inBlocks(new Rng(16), [5, 24], 16),
            pruned(sparse, [16, 16], 4),
            pruned(sparse, [25, 20], 8, 'RELU6'),
            pruned(sparse, [53, 32], 12),
            pruned(sparse, [147, 64], 16, 'RELU'),
          ]
        : []),
      build(rng, form, [1, 64], 10),
      build(rng, form, [1, 33], 17, { bias: false, activation: 'RELU6' }),
      build(rng, form, [3, 1], 1),
      build(rng, form, [17, 31], 16, { asymmetric: true }),
      build(rng, form, [2, 3, 2, 5], 7),
      build(rng, form, [2, 3, 5], 4, { keepNumDims: true, asymmetric: true }),
      build(rng, form, [9, 24], 24, { constant: false, activation: 'RELU' }),
      build(rng, form, [2, 24], 9, { constant: false }),
      // Few rows with weights that are worth packing: columns beside pairs of panels.
      build(rng, form, [1, 96], 61),
      build(rng, form, [1, 120], 56, { bias: false }),
      build(rng, form, [3, 70], 89, { activation: 'RELU' }),
      // Weights so many that they are packed as bytes, in panels of 16 and 8, with an odd depth.
      ...(/^u?int8/.test(form.w) ? [build(rng, form, [34, 401], 328, { asymmetric: true })] : []),
    ];
  }),
  random(rng) {
    const form = rng.pick(ALL);
    const hybrid = isFloat(form.x) && !isFloat(form.w);
    return build(rng, form, [rng.pick([1, 2, 3, 4, 5, 9]), rng.dim(), rng.pick([1, 1, 3])], rng.dim(), {
      bias: rng.bool(0.8),
      constant: rng.bool(0.8),
      activation: rng.pick(['NONE', 'NONE', 'RELU', 'RELU6', 'RELU_N1_TO_1', ...(hybrid ? ['TANH', 'SIGN_BIT'] : [])]),
      asymmetric: rng.bool(),
    });
  },
  tolerance: halvesTolerance(({ inputs: [x, w] }) => {
    if (!isFloat(x!.dtype)) return { lsb: /^int[24]$/.test(w!.dtype) ? 0 : 1 };
    // Sums of up to 120 products of up to 16; hybrid sums are exact before they are scaled.
    return isFloat(w!.dtype) || w!.blocks ? { atol: 1e-4 } : { rtol: 1e-6, atol: 1e-5 };
  }),
} as OpSpec;
