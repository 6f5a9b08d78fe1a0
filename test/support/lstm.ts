// The LSTM cell in all forms, step by step: gates i, f, g, o; c = f c + i g; h = o act(c).
import type { OperatorOptions } from '../../bindings/model/model.js';
import { quantizeMultiplier, roundAway } from '../../bindings/quantization.js';
import { highMul, inverseSqrt } from '../ops/l2-normalization.js';
import { quantizeRun } from './matrix.js';
import type { Rng } from './random.js';
import {
  applyActivation,
  floatState,
  floats,
  multiplyRow,
  rowsOf,
  signed,
  slice,
  type Tensor,
  weights,
} from './recurrent.js';
import { fixedLogistic, fixedTanh } from './sigmoid16.js';
import type { OpCase, QuantizationSpec, ReferenceNode, ReferenceResult, ReferenceTensor, TensorSpec } from './spec.js';
import { multiplyByQuantizedMultiplier, multiplyWide } from './window.js';

const { fround } = Math;
const clamp = (x: number, lo: number, hi: number) => Math.min(Math.max(x, lo), hi);
const saturate16 = (x: number) => clamp(x, -32768, 32767);
const logistic = (x: number) => 1 / (1 + Math.exp(-x));

export interface Cell {
  /** Of i, f, g, o; no i in a cell that couples input and forget gate (CIFG). */
  readonly weights: readonly Tensor[];
  readonly recurrent: readonly Tensor[];
  readonly bias: readonly Tensor[];
  /** Of i, f, o. */
  readonly peephole: readonly Tensor[];
  readonly norm: readonly Tensor[];
  readonly projection: Tensor;
  readonly projectionBias: Tensor;
  readonly state: ReferenceTensor;
  readonly cell: ReferenceTensor;
  /** A second input and its weights. */
  readonly aux?: { readonly x: ReferenceTensor; readonly weights: readonly Tensor[] } | null;
}

export interface Run {
  /** By row of the sequence. */
  readonly rows: number[][];
  readonly n: number;
  readonly state: ReferenceResult;
  readonly cell: ReferenceResult;
}

/** Elements of a vector as real numbers. */
const real = (v: Tensor, i: number) =>
  Number(signed(v!).data[i]!) * (v!.dtype === 'float32' ? 1 : fround(v!.quantization!.scale[0]!));

function normalize(z: readonly number[]): number[] {
  const mean = z.reduce((a, v) => a + v, 0) / z.length;
  const variance = z.reduce((a, v) => a + (v - mean) ** 2, 0) / z.length;
  return z.map((v) => (v - mean) / Math.sqrt(variance + 1e-8));
}

/** Weights of the state; a vector is a diagonal, of floats always. */
function recurrent(
  state: readonly number[],
  w: ReferenceTensor,
  options: OperatorOptions,
  input: readonly number[],
): number[] {
  // TFLite's LSTM scales products with sparse weights as if the input had been quantized in the state's place.
  const isAsymmetric = !!options.asymmetricQuantizeInputs;
  const scale = w.sparsity ? quantizeRun(Float32Array.from(input), isAsymmetric).scale : undefined;
  if (w.shape.length !== 1) return multiplyRow(state, w, options, scale);
  return Array.from(w.data as Float32Array, (v, i) => v * state[i]!);
}

export function runFloat(
  options: OperatorOptions,
  x: ReferenceTensor,
  cell: Cell,
  timeMajor: boolean,
  backward = false,
): Run {
  const n = cell.cell.shape.at(-1)!;
  const outputs = cell.state.shape.at(-1)!;
  const { steps, batch, row, index } = rowsOf(x, timeMajor);
  const h = Float32Array.from(cell.state.data as Float32Array);
  const c = Float32Array.from(cell.cell.data as Float32Array);
  const act = (v: number) => applyActivation(options.fusedActivationFunction, v);
  const clip = (v: number, limit: number) => (limit > 0 ? clamp(v, -limit, limit) : v);
  const rows: number[][] = [];
  for (let s = 0; s < steps; s++) {
    const t = backward ? steps - 1 - s : s;
    for (let b = 0; b < batch; b++) {
      const before = Array.from(h.subarray(b * outputs, (b + 1) * outputs));
      const own = c.subarray(b * n, (b + 1) * n);
      const gate = (g: number, peephole: Tensor): number[] => {
        const parts = [
          multiplyRow(row(t, b), cell.weights[g]!, options),
          recurrent(before, cell.recurrent[g]!, options, row(t, b)),
        ];
        if (cell.aux) {
          const k = cell.aux.x.shape.at(-1)!;
          parts.push(multiplyRow(slice(cell.aux.x, index(t, b), k), cell.aux.weights[g]!, options));
        }
        if (peephole) parts.push(Array.from(own, (v, i) => v * real(peephole, i)));
        const sums = Array.from(own, (_, i) => parts.reduce((z, part) => z + part[i]!, 0));
        const scaled = cell.norm[g] ? normalize(sums).map((v, i) => v * real(cell.norm[g]!, i)) : sums;
        return scaled.map((v, i) => v + real(cell.bias[g]!, i));
      };
      const f = gate(1, cell.peephole[1]!).map(logistic);
      const i = cell.weights[0] ? gate(0, cell.peephole[0]!).map(logistic) : f.map((v) => 1 - v);
      const g = gate(2, null).map(act);
      own.set(own.map((v, j) => clip(f[j]! * v + i[j]! * g[j]!, options.cellClip)));
      const o = gate(3, cell.peephole[2]!).map(logistic);
      // Without an activation, TFLite's step leaves g where that of the cell would be.
      const cells = (options.fusedActivationFunction ?? 'NONE') === 'NONE' ? g : Array.from(own, act);
      let next = o.map((v, j) => fround(v * cells[j]!));
      if (cell.projection) {
        next = multiplyRow(next, cell.projection, options).map((v, j) => {
          return fround(clip(v + (cell.projectionBias ? real(cell.projectionBias, j) : 0), options.projClip));
        });
      }
      h.set(next, b * outputs);
      rows[index(t, b)] = next;
    }
  }
  return {
    rows,
    n: outputs,
    state: { shape: cell.state.shape, data: h },
    cell: { shape: cell.cell.shape, data: c },
  };
}

const scaleOf = (t: { readonly quantization?: QuantizationSpec } | null | undefined) =>
  fround(t!.quantization!.scale[0]!);
const zeroOf = (t: { readonly quantization?: QuantizationSpec }) => t.quantization!.zeroPoint[0]!;

/** Normalization of int16 values: ten more bits in between, a floor for the variance, then the coefficients' scale. */
function normalizeInteger(z: readonly number[], norm: ReferenceTensor, bias: ReferenceTensor): number[] {
  const sum = z.reduce((a, v) => a + v, 0);
  const squares = z.reduce((a, v) => a + v * v, 0);
  const mean = Math.trunc((sum * 1024) / z.length);
  let variance = Math.trunc((squares * Math.trunc(2 ** 20 / z.length) - mean * mean) / 2 ** 20);
  if (variance < 1) variance = Math.max(1, Math.trunc(fround(10000 * scaleOf(norm))));
  const [multiplier, shift] = inverseSqrt(variance);
  return z.map((v, i) => {
    const rescaled = roundAway(highMul(1024 * v - mean, multiplier) / 2 ** shift);
    const product = ((rescaled * (norm.data[i] as number)) | 0) + (bias.data[i] as number);
    const rounded = Math.trunc((product > 0 ? product + 512 : product - 512) / 1024);
    return saturate16(multiplyByQuantizedMultiplier(rounded, scaleOf(norm) * 2 ** 12));
  });
}

/** TFLite's integer form: int8 products, int16 gates with 12 fractional bits, an int16 cell state of power-of-two scale. */
export function runInteger(
  options: OperatorOptions,
  x: ReferenceTensor,
  cell: Cell,
  timeMajor: boolean,
  intermediates: ReferenceNode['intermediates'],
): Run {
  const n = cell.cell.shape.at(-1)!;
  const outputs = cell.state.shape.at(-1)!;
  const { steps, batch, row, index } = rowsOf(x, timeMajor);
  const h = Int8Array.from(cell.state.data as Int8Array);
  const c = Int16Array.from(cell.cell.data as Int16Array);
  const exponent = Math.round(Math.log2(scaleOf(cell.cell)));
  const hidden = intermediates[4]!;
  /** Sums of (x - zero) * w, one a row of w. */
  const products = (values: readonly number[], zero: number, w: ReferenceTensor) => {
    const [rows, k] = w.shape as [number, number];
    return Array.from({ length: rows }, (_, o) =>
      slice(w, o, k).reduce((sum, v, i) => sum + v * (values[i]! - zero), 0),
    );
  };
  const rows: number[][] = [];
  for (let t = 0; t < steps; t++) {
    for (let b = 0; b < batch; b++) {
      const before = Array.from(h.subarray(b * outputs, (b + 1) * outputs));
      const own = c.subarray(b * n, (b + 1) * n);
      const gate = (g: number, peephole: Tensor): number[] => {
        const norm = cell.norm[g];
        const [w, r] = [cell.weights[g]!, cell.recurrent[g]!];
        const scale = norm ? scaleOf(intermediates[g]) : 2 ** -12;
        const fromX = fround(fround(scaleOf(w) * scaleOf(x)) / scale);
        const fromH = fround(fround(scaleOf(r) * scaleOf(cell.state)) / scale);
        const sumsX = products(row(t, b), zeroOf(x), w);
        const sumsH = products(before, zeroOf(cell.state), r);
        const z = Array.from(own, (v, i) => {
          const bias = norm ? 0 : (cell.bias[g]!.data[i] as number);
          let sum = saturate16(multiplyByQuantizedMultiplier(sumsX[i]! + bias, fromX));
          sum = saturate16(sum + multiplyByQuantizedMultiplier(sumsH[i]!, fromH));
          if (!peephole) return sum;
          const fromC = fround((2 ** exponent * scaleOf(peephole)) / scale);
          return saturate16(sum + multiplyByQuantizedMultiplier((peephole.data[i] as number) * v, fromC));
        });
        return norm ? normalizeInteger(z, norm, cell.bias[g]!) : z;
      };
      const f = gate(1, cell.peephole[1]!).map(fixedLogistic);
      const i = cell.weights[0] ? gate(0, cell.peephole[0]!).map(fixedLogistic) : f.map((v) => 32767 - v);
      const g = gate(2, null).map((v) => fixedTanh(v, 11));
      const clip =
        options.cellClip > 0 ? Math.trunc(Math.min(fround(options.cellClip / scaleOf(cell.cell)), 32767)) : 0;
      own.set(
        own.map((v, j) => {
          const kept = roundAway((f[j]! * v) / 2 ** 15);
          const next = saturate16(kept + roundAway((i[j]! * g[j]!) / 2 ** (30 + exponent)));
          return clip ? clamp(next, -clip, clip) : next;
        }),
      );
      const o = gate(3, cell.peephole[2]!).map(fixedLogistic);
      const scale = fround((2 ** -15 / scaleOf(hidden)) * 2 ** -15);
      let next = o.map((v, j) => {
        const product = v * fixedTanh(own[j]!, -1 - exponent);
        return clamp(multiplyByQuantizedMultiplier(product, scale) - zeroOf(hidden), -128, 127);
      });
      if (cell.projection) {
        const real = fround(fround(scaleOf(cell.projection) * scaleOf(hidden)) / scaleOf(cell.state));
        const sums = products(next, -zeroOf(hidden), cell.projection);
        const limit =
          options.projClip > 0 ? Math.trunc(Math.min(fround(options.projClip / scaleOf(cell.state)), 127)) : 0;
        next = sums.map((sum, j) => {
          const bias = (cell.projectionBias?.data[j] as number) ?? 0;
          const v = clamp(multiplyByQuantizedMultiplier(sum + bias, real) + zeroOf(cell.state), -128, 127);
          return limit ? clamp(v, -limit, limit) : v;
        });
      }
      h.set(next, b * outputs);
      rows[index(t, b)] = next;
    }
  }
  return {
    rows,
    n: outputs,
    state: { shape: cell.state.shape, data: h },
    cell: { shape: cell.cell.shape, data: c },
  };
}

/** Normalization of int16 values in float32, sums in order; 12 fractional bits. */
function normalizeFloat(z: readonly number[], norm: ReferenceTensor, bias: ReferenceTensor): number[] {
  const { multiplier, shift } = quantizeMultiplier(scaleOf(norm));
  const scale = fround(multiplier * 2 ** (shift - 31));
  const mean = fround(z.reduce((sum, v) => fround(sum + v), 0) / z.length);
  const squares = z.reduce((sum, v) => fround(sum + fround(v * v)), 0);
  const variance = fround(fround(squares / z.length) - fround(mean * mean));
  const inverse = fround(1 / fround(Math.sqrt(variance || fround(1e-8))));
  return z.map((v, i) => {
    const normalized = fround(fround(v - mean) * inverse);
    const weighted = fround(fround(normalized * (norm.data[i] as number)) * scale);
    const shifted = fround(weighted + fround(fround(bias.data[i] as number) * fround(scale / 1024)));
    // Rounding may leave a variance below 0, and what comes of it becomes the least int32 on x86.
    return Number.isNaN(shifted) ? -32768 : saturate16(roundAway(shifted * 4096));
  });
}

/** logistic(x) with 15 fractional bits, in float32 and then cut off; x has 12. */
const logisticCut = (x: number) => Math.trunc(fround(1 / fround(1 + fround(Math.exp(-x / 4096)))) * 2 ** 15);
const tanhCut = (x: number) => Math.trunc(fround(Math.tanh(x)) * 2 ** 15);

/**
 * TFLite's integer form with 12 intermediate values, those of each gate's sum, its part from the input and its part from the
 * state. Both parts are rounded to bytes; floats do the rest of a gate. There is no input gate, nor are there peepholes, even
 * where a model has them.
 */
export function runCoarse(
  options: OperatorOptions,
  x: ReferenceTensor,
  cell: Cell,
  intermediates: ReferenceNode['intermediates'],
): Run {
  const n = cell.cell.shape.at(-1)!;
  const outputs = cell.state.shape.at(-1)!;
  const { batch, row } = rowsOf(x, false);
  const h = Int8Array.from(cell.state.data as Int8Array);
  const c = Int16Array.from(cell.cell.data as Int16Array);
  const saturate8 = (v: number) => clamp(v, -128, 127);
  const sums = (values: readonly number[], zero: number, w: ReferenceTensor) =>
    Array.from({ length: w.shape[0]! }, (_, o) =>
      slice(w, o, w.shape[1]!).reduce((sum, v, i) => sum + v * (values[i]! - zero), 0),
    );
  const rows: number[][] = [];
  for (let b = 0; b < batch; b++) {
    const before = Array.from(h.subarray(b * outputs, (b + 1) * outputs));
    const own = c.subarray(b * n, (b + 1) * n);
    const gate = (g: number): number[] => {
      const [total, ofX, ofH] = [0, 1, 2].map((i) => intermediates[3 * g + i]!);
      const part = (
        w: ReferenceTensor,
        values: readonly number[],
        of: ReferenceTensor,
        to: typeof total,
        zero: number,
      ) => {
        const real = fround(fround(scaleOf(w) * scaleOf(of)) / scaleOf(to));
        return sums(values, zeroOf(of), w).map((v) => saturate8(multiplyByQuantizedMultiplier(v, real) + zero) - zero);
      };
      // TFLite's output gate takes the zero point from the cell gate's input part.
      const zero = zeroOf(g === 3 ? intermediates[7]! : ofH!);
      const fromX = part(cell.weights[g]!, row(0, b), x, ofX, zeroOf(ofX!));
      const fromH = part(cell.recurrent[g]!, before, cell.state, ofH, zero);
      const z = fromX.map((v, i) => {
        const scaled = multiplyByQuantizedMultiplier(v, fround(scaleOf(ofX) / scaleOf(total)));
        // And its multiplier from elsewhere, which leaves nothing of the state's part.
        if (g === 3) return saturate16(scaled);
        return saturate16(scaled + multiplyByQuantizedMultiplier(fromH[i]!, fround(scaleOf(ofH) / scaleOf(total))));
      });
      return normalizeFloat(z, cell.norm[g]!, cell.bias[g]!);
    };
    const f = gate(1).map(logisticCut);
    const g = gate(2).map((v) => tanhCut(v / 4096));
    const { cellClip, projClip } = options;
    const clip = cellClip > 0 && cellClip < 1 ? Math.trunc(Math.min(fround(cellClip / scaleOf(cell.cell)), 32767)) : 0;
    own.set(
      own.map((v, j) => {
        const next = saturate16(roundAway((f[j]! * v) / 2 ** 15) + roundAway(((32767 - f[j]!) * g[j]!) / 2 ** 15));
        return clip ? clamp(next, -clip, clip) : next;
      }),
    );
    const hidden = gate(3).map((v, j) => roundAway((logisticCut(v) * tanhCut(own[j]! / 32768)) / 2 ** 15));
    const real = fround((scaleOf(cell.projection) * 2 ** -15) / scaleOf(cell.state));
    const limit = projClip > 0 ? Math.trunc(Math.min(fround(projClip / scaleOf(cell.state)), 127)) : 0;
    rows[b] = sums(hidden, 0, cell.projection!).map((sum, j) => {
      const whole = BigInt(sum + (cell.projectionBias!.data[j] as number));
      const v = saturate8(multiplyWide(whole, real) + zeroOf(cell.state));
      return limit ? clamp(v, -limit, limit) : v;
    });
    h.set(rows[b]!, b * outputs);
  }
  return {
    rows,
    n: outputs,
    state: { shape: cell.state.shape, data: h },
    cell: { shape: cell.cell.shape, data: c },
  };
}

/** The cell whose inputs begin at `at` in the LSTM operators' order; its states are the inputs from `state` on. */
export function cellOf(inputs: readonly Tensor[], at: number, state: number, norm: number): Cell {
  return {
    weights: inputs.slice(at, at + 4),
    recurrent: inputs.slice(at + 4, at + 8),
    peephole: inputs.slice(at + 8, at + 11),
    bias: inputs.slice(at + 11, at + 15),
    projection: inputs[at + 15]!,
    projectionBias: inputs[at + 16]!,
    norm: inputs.slice(norm, norm + 4),
    state: inputs[state]!,
    cell: inputs[state + 1]!,
  };
}

/** Columns of a block of sparse weights. */
const BLOCK = 16;

/** Sparse weights with the zeros between the blocks of their rows. */
function withZeros(w: Tensor): Tensor {
  if (!w?.sparsity) return w;
  const [rows, columns] = w.shape as [number, number];
  const { segments, indices } = w.sparsity.dimensions[1]!;
  const data = new Int8Array(rows * columns);
  let next = 0;
  for (let row = 0; row < rows; row++) {
    for (const block of indices.slice(segments[row], segments[row + 1])) {
      for (let i = 0; i < BLOCK; i++) data[row * columns + block * BLOCK + i] = w.data[next++] as number;
    }
  }
  return { ...w, data };
}

export function lstmReference({ inputs: given, options, intermediates }: ReferenceNode): ReferenceResult[] {
  const inputs = given.map(withZeros);
  const x = inputs[0]!;
  const cell = cellOf(inputs, 1, 18, 20);
  const integer = x.dtype === 'int8';
  const timeMajor = !!options.timeMajor;
  const run = !integer
    ? runFloat(options, x, cell, timeMajor)
    : intermediates.length === 12
      ? runCoarse(options, x, cell, intermediates)
      : runInteger(options, x, cell, timeMajor, intermediates);
  const { rows, n, state, cell: c } = run;
  const data = integer ? Int8Array.from(rows.flat()) : Float32Array.from(rows.flat());
  return [{ shape: [...x.shape.slice(0, -1), n], data }, state, c];
}

export const FORMS = ['float', 'hybrid', 'hybrid, asymmetric', 'hybrid, uint8', 'integer'] as const;
export type Form = (typeof FORMS)[number];

export function weightType(form: Form): 'float32' | 'int8' | 'uint8' {
  return form === 'float' ? 'float32' : form === 'hybrid, uint8' ? 'uint8' : 'int8';
}

export interface Variant {
  readonly cifg?: boolean;
  readonly peephole?: boolean;
  readonly norm?: boolean;
  /** Gates whose recurrent weights are diagonals, of floats. */
  readonly diagonal?: readonly number[];
  /** Outputs of a projection; 0 is none. */
  readonly projection?: number;
  readonly activation?: string;
  readonly cellClip?: number;
  readonly projClip?: number;
  readonly timeMajor?: boolean;
}

/** What a cell has in the operators' order, from the input weights to the projection's bias. */
export function cellInputs(rng: Rng, form: Form, k: number, n: number, variant: Variant): (TensorSpec | null)[] {
  const { cifg, peephole, projection, norm, diagonal } = variant;
  const integer = form === 'integer';
  const dtype = weightType(form);
  const outputs = projection || n;
  const bias = (length: number, range: number): TensorSpec =>
    integer
      ? {
          dtype: 'int32',
          shape: [length],
          data: rng.data('int32', [length]).map((v) => (Number(v) * range) as never) as Int32Array,
          constant: true,
        }
      : floats(rng, [length], 0.5);
  const gates = (make: (g: number) => TensorSpec) => [0, 1, 2, 3].map((g) => (g === 0 && cifg ? null : make(g)));
  const vector = (): TensorSpec => (integer ? halves(rng, n, 1 / 32768) : weights(rng, dtype, [n]));
  return [
    ...gates(() => weights(rng, dtype, [n, k])),
    ...gates((g) => (diagonal?.includes(g) ? floats(rng, [n], 1) : weights(rng, dtype, [n, outputs]))),
    ...[0, 1, 2].map((i) => (peephole && !(i === 0 && cifg) ? vector() : null)),
    // Biases behind a normalization have ten more bits.
    ...gates(() => bias(n, norm ? 1024 : 4)),
    projection ? weights(rng, dtype, [projection, n]) : null,
    projection && rng.bool() ? bias(projection, 1) : null,
  ];
}

function halves(rng: Rng, n: number, scale: number): TensorSpec {
  const quantization = { scale: [fround(scale * rng.uniform(0.5, 1))], zeroPoint: [0] };
  return { dtype: 'int16', shape: [n], data: rng.data('int16', [n]), quantization, constant: true };
}

export function states(rng: Rng, form: Form, batch: number, n: number, outputs: number): TensorSpec[] {
  if (form !== 'integer') return [floatState(rng, [batch, outputs]), floatState(rng, [batch, n])];
  const quantization = { scale: [2 ** rng.pick([-15, -12, -11, -10, -9])], zeroPoint: [0] };
  return [
    rng.tensor('int8', [batch, outputs], { quantization: rng.quantization('int8', 1), variable: true }),
    rng.tensor('int16', [batch, n], { quantization, variable: true }),
  ];
}

export function lstmCase(
  rng: Rng,
  form: Form,
  shape: readonly number[],
  n: number,
  variant: Variant = {},
  extra: Record<string, unknown> = {},
): OpCase {
  const integer = form === 'integer';
  const { cifg, norm, projection = 0, activation = 'TANH', cellClip = 0, projClip = 0, timeMajor = false } = variant;
  const k = shape.at(-1)!;
  const batch = timeMajor ? shape[1]! : shape[0]!;
  const outputs = projection || n;
  const [state, cell] = states(rng, form, batch, n, outputs) as [TensorSpec, TensorSpec];
  const coefficients = [0, 1, 2, 3].map((g) => {
    if (!norm || (g === 0 && cifg)) return null;
    return integer ? halves(rng, n, 1 / 32768) : floats(rng, [n], 1);
  });
  const quantization = rng.quantization('int8', 2);
  const gate = { dtype: 'int16' as const, shape: [], quantization: { scale: [2 ** -12], zeroPoint: [0] } };
  // Without a projection, what is hidden is the output.
  const hidden = projection ? rng.quantization('int8', 1) : state.quantization!;
  return {
    name: `${form} [${shape}] to ${n}, ${JSON.stringify(variant)}`,
    options: {
      fusedActivationFunction: activation,
      cellClip,
      projClip,
      ...(timeMajor && { timeMajor }),
      asymmetricQuantizeInputs: form === 'hybrid, asymmetric',
      ...extra,
    },
    inputs: [
      integer
        ? rng.tensor('int8', shape, { quantization })
        : { dtype: 'float32', shape, data: rng.data('float32', shape, 1) },
      ...cellInputs(rng, form, k, n, variant),
      state,
      cell,
      ...coefficients,
    ],
    outputs: [
      integer ? { dtype: 'int8', shape: [], quantization: state.quantization! } : { dtype: 'float32', shape: [] },
    ],
    intermediates: integer ? [gate, gate, gate, gate, { dtype: 'int8', shape: [], quantization: hidden }] : [],
  };
}

/** A case of LSTM with 12 intermediate values. */
export function coarseCase(
  rng: Rng,
  [batch, k]: readonly [number, number],
  n: number,
  outputs: number,
  variant: Pick<Variant, 'cifg' | 'peephole' | 'cellClip' | 'projClip'> = {},
): OpCase {
  const all = { ...variant, norm: true, projection: outputs };
  const c = lstmCase(rng, 'integer', [batch, k], n, all, { kernelType: 'FULL' });
  const inputs = [...c.inputs];
  const [x, state] = [inputs[0]!, inputs[18]!];
  inputs[17] = {
    dtype: 'int32',
    shape: [outputs],
    data: Int32Array.from({ length: outputs }, () => rng.int(-30000, 30000)),
    constant: true,
  };
  inputs[19] = { ...inputs[19]!, quantization: { scale: [2 ** -15], zeroPoint: [0] } };
  const scale = (t: TensorSpec) => t.quantization!.scale[0]!;
  /** About what fills the bytes with a product of random operands. */
  const part = (w: TensorSpec, of: TensorSpec) => ({
    scale: [fround(scale(w) * scale(of) * 50 * Math.sqrt(w.shape[1]!) * rng.uniform(0.7, 1.4))],
    zeroPoint: [rng.int(-20, 20)],
  });
  const intermediates = [0, 1, 2, 3].flatMap((g) => {
    const [w, r] = [inputs[1 + g], inputs[5 + g]];
    if (!w || !r) return [0, 1, 2].map(() => ({ scale: [1], zeroPoint: [0] }));
    const [ofX, ofH] = [part(w, x), part(r, state)];
    return [{ scale: [fround(ofX.scale[0]! / rng.pick([0.7, 3, 90]))], zeroPoint: [0] }, ofX, ofH];
  });
  return {
    ...c,
    name: `12 intermediate values, [${batch},${k}] to ${n} to ${outputs}, ${JSON.stringify(variant)}`,
    inputs,
    intermediates: intermediates.map((quantization) => ({ dtype: 'int8' as const, shape: [], quantization })),
  };
}

/** Weights of which some blocks of each row are stored. */
function sparse(rng: Rng, w: TensorSpec): TensorSpec {
  const [rows, columns] = w.shape as [number, number];
  const kept = Array.from({ length: rows }, () =>
    Array.from({ length: columns / BLOCK }, (_, i) => i).filter(() => rng.bool()),
  );
  const stored = kept.flatMap((blocks, row) =>
    blocks.flatMap((b) => {
      const at = row * columns + b * BLOCK;
      return [...(w.data as Int8Array).subarray(at, at + BLOCK)];
    }),
  );
  const segments = [0];
  for (const blocks of kept) segments.push(segments.at(-1)! + blocks.length);
  const dense = (denseSize: number) => ({ format: 'DENSE' as const, denseSize, segments: [], indices: [] });
  return {
    ...w,
    data: w.dtype === 'uint8' ? Uint8Array.from(stored) : Int8Array.from(stored),
    sparsity: {
      traversalOrder: [0, 1, 2],
      blockMap: [1],
      dimensions: [dense(rows), { format: 'SPARSE_CSR', denseSize: 0, segments, indices: kept.flat() }, dense(BLOCK)],
    },
  };
}

/**
 * A case of LSTM with sparse weights; sizes are in blocks.
 * @param dense places of weights that are not, among the operator's inputs
 */
export function sparseCase(
  rng: Rng,
  form: Form,
  batch: number,
  [k, n, outputs]: readonly [number, number, number],
  variant: Variant = {},
  dense: readonly number[] = [],
): OpCase {
  const all = { ...variant, projection: outputs * BLOCK };
  const c = lstmCase(rng, form, [batch, k * BLOCK], n * BLOCK, all, { kernelType: 'FULL' });
  const isSparse = (i: number) => ((i >= 1 && i <= 8) || i === 16) && !dense.includes(i);
  return {
    ...c,
    name: `sparse ${form}, ${batch} to [${k},${n},${outputs}] blocks, dense ${dense}, ${JSON.stringify(variant)}`,
    inputs: c.inputs.map((w, i) => (w && isSparse(i) ? sparse(rng, w) : w)),
  };
}

export function randomVariant(rng: Rng, form: Form): Variant {
  const projection = rng.bool(0.3) ? rng.dim() : 0;
  return {
    cifg: rng.bool(0.3),
    // The integer form does not go together with a projection.
    peephole: rng.bool(0.3) && !(form === 'integer' && projection),
    norm: rng.bool(0.3),
    projection,
    activation: form === 'integer' ? 'TANH' : rng.pick(['TANH', 'TANH', 'RELU6', 'NONE']),
    cellClip: rng.pick([0, 0, 0.7]),
    projClip: rng.pick([0, 0, 0.4]),
  };
}

export const VARIANTS: readonly Variant[] = [
  {},
  { cifg: true },
  { peephole: true, cellClip: 0.5 },
  { projection: 5, projClip: 0.3 },
  { norm: true },
  { cifg: true, norm: true, projection: 32 },
];

/** As for RNNs; a normalization of nearly equal sums multiplies what float32 rounds off. */
export const lstmTolerance = ({ inputs }: OpCase) => {
  if (inputs[0]!.dtype === 'int8') return { lsb: 0 };
  const hybrid = inputs.some((x) => x && /int8/.test(x.dtype));
  return { atol: hybrid ? 1e-2 : inputs[21] ? 1e-4 : 1e-5 };
};
