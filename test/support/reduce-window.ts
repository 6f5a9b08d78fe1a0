// What the references of REDUCE_WINDOW and STABLEHLO_REDUCE_WINDOW share.
import type { DType } from '../../bindings/dtype.js';
import { indices, position, tensorOf } from './moving.js';
import type { Rng } from './random.js';
import type { ReferenceResult, ReferenceTensor, TensorSpec } from './spec.js';

type Scalar = number | bigint;

/** All in the arithmetic of numbers or of bigints; results wrap where they are stored. */
const OPERATIONS: Record<string, (a: Scalar, b: Scalar) => Scalar> = {
  ADD: (a, b) => (a as number) + (b as number),
  MUL: (a, b) => (a as number) * (b as number),
  MINIMUM: (a, b) => [b, a][Number(a <= b)]!,
  MAXIMUM: (a, b) => [b, a][Number(a >= b)]!,
  ALL: (a, b) => (typeof a === 'bigint' ? BigInt(a && b ? 1 : 0) : Number(a && b ? 1 : 0)),
  ANY: (a, b) => (typeof a === 'bigint' ? BigInt(a || b ? 1 : 0) : Number(a || b ? 1 : 0)),
};

export const FUNCTIONS = Object.keys(OPERATIONS);

export const REDUCED: readonly DType[] = ['float32', 'int8', 'bool', 'uint8', 'int16', 'int32', 'int64', 'float64'];

/** Folds every window of x, beginning with `init`; sums and products are rounded to the dtype at every step. */
export function slideOver(
  x: ReferenceTensor,
  init: ReferenceTensor,
  operation: string,
  window: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): ReferenceResult {
  const shape = x.shape.map((n, d) => {
    return Math.max(0, Math.floor((n - (window[d]! - 1) * dilations[d]! - 1) / strides[d]!) + 1);
  });
  const store = x.data.slice(0, 1);
  const taps = indices(window);
  return tensorOf(x.dtype, shape, (index) => {
    let result: Scalar = init.data[0]!;
    for (const tap of taps) {
      const at = index.map((i, d) => i * strides[d]! + tap[d]! * dilations[d]!);
      const b = x.data[position(x.shape, at)]!;
      // Products of int32 are beyond what doubles hold.
      const wide = operation === 'MUL' && x.dtype === 'int32';
      store[0] = (wide ? Math.imul(Number(result), Number(b)) : OPERATIONS[operation]!(result, b)) as never;
      result = store[0]!;
    }
    return [result];
  });
}

/** Elements among which all operations have something to do. */
export function reducible(rng: Rng, dtype: DType, shape: readonly number[]): TensorSpec {
  const tensor = rng.tensor(dtype, shape);
  for (let i = 0; i < tensor.data!.length; i++) {
    if (rng.bool(0.2)) tensor.data![i] = (dtype.endsWith('t64') && dtype !== 'float64' ? 0n : 0) as never;
  }
  return tensor;
}
