// What the references and generators of recurrent operators share: where the rows of a sequence lie, products of a row with
// weights, random weights and states.
import type { DType } from '../../bindings/dtype.js';
import type { OperatorOptions } from '../../bindings/model/model.js';
import { quantizeRun } from './matrix.js';
import type { Rng } from './random.js';
import type { QuantizationSpec, ReferenceTensor, TensorSpec } from './spec.js';
import { activate } from './window.js';

export type Tensor = ReferenceTensor | null;

/** Rows of an input [batch, steps, k], [steps, batch, k] if time comes first, or [batch, k]: one step. */
export function rowsOf(x: ReferenceTensor, timeMajor: boolean) {
  const k = x.shape.at(-1)!;
  const [first, second] = x.shape.length === 2 ? [x.shape[0]!, 1] : [x.shape[0]!, x.shape[1]!];
  const [steps, batch] = timeMajor ? [first, second] : [second, first];
  const index = (t: number, b: number) => (timeMajor ? t * batch + b : b * steps + t);
  return { k, steps, batch, index, row: (t: number, b: number) => slice(x, index(t, b), k) };
}

/** Row `i` of `k` elements. */
export function slice(x: ReferenceTensor, i: number, k: number): number[] {
  return Array.from((x.data as Float32Array).subarray(i * k, (i + 1) * k));
}

/** The bytes of uint8 weights are int8 in truth. */
export function signed(w: ReferenceTensor): ReferenceTensor {
  return w.dtype === 'uint8' ? { ...w, dtype: 'int8', data: Int8Array.from(w.data as Uint8Array) } : w;
}

/**
 * Products of a row of floats with each row of weights; with integer ones the row is quantized first.
 * @param scale of the quantized row, other than its own
 */
export function multiplyRow(
  x: readonly number[],
  weights: ReferenceTensor,
  options: OperatorOptions,
  scale?: number,
): number[] {
  const w = signed(weights);
  const [n, k] = w.shape as [number, number];
  const hybrid = w.dtype === 'int8';
  const run = hybrid ? quantizeRun(Float32Array.from(x), !!options.asymmetricQuantizeInputs) : null;
  // TFLite's products with sparse weights know nothing of zero points.
  const zeroPoint = w.sparsity ? 0 : run?.zeroPoint;
  return Array.from({ length: n }, (_, o) => {
    const row = slice(w, o, k);
    if (!run) return row.reduce((sum, v, i) => sum + v * x[i]!, 0);
    const sum = row.reduce((sum, v, i) => sum + v * (run.q[i]! - zeroPoint!), 0);
    return sum * (scale ?? run.scale) * w.quantization!.scale[0]!;
  });
}

export function applyActivation(activation: string | undefined, x: number): number {
  if (activation === 'SIGN_BIT') return x < 0 || Object.is(x, -0) ? 1 : 0;
  return activation === 'TANH' ? Math.tanh(x) : activate(activation, x);
}

/** Random weights that keep sums of `k` products small. */
export function weights(rng: Rng, dtype: DType, shape: readonly number[]): TensorSpec {
  const range = 2 / Math.sqrt(shape.at(-1)!);
  if (dtype === 'float32') return { dtype, shape, data: rng.data(dtype, shape, range), constant: true };
  const scale = Math.fround((range / 128) * rng.uniform(0.5, 1));
  const quantization: QuantizationSpec = { scale: [scale], zeroPoint: [dtype === 'uint8' ? rng.pick([0, 128]) : 0] };
  return { dtype, shape, data: rng.data(dtype, shape), quantization, constant: true };
}

export function floats(rng: Rng, shape: readonly number[], range: number): TensorSpec {
  return { dtype: 'float32', shape, data: rng.data('float32', shape, range), constant: true };
}

/** A state in floats; zero at times, as it is at first. */
export function floatState(rng: Rng, shape: readonly number[]): TensorSpec {
  const data = rng.bool(0.3) ? new Float32Array(shape.reduce((a, b) => a * b)) : rng.data('float32', shape, 0.5);
  return { dtype: 'float32', shape, data, variable: true };
}
