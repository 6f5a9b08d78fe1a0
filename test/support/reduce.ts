// The reference and the cases that SUM, MEAN, REDUCE_PROD, REDUCE_MAX, REDUCE_MIN, REDUCE_ANY and REDUCE_ALL share.
import { type DType, elementCount, type TypedArray, typedArrayOf } from '../../bindings/dtype.js';
import { floatToHalf, halfToFloat } from '../../bindings/half.js';
import { integerRange, quantizeMultiplier, roundAway } from '../../bindings/quantization.js';
import type { Rng } from './random.js';
import type {
  OpCase,
  OpSpec,
  QuantizationSpec,
  ReferenceNode,
  ReferenceResult,
  ReferenceTensor,
  TensorSpec,
} from './spec.js';

type Operation = 'sum' | 'mean' | 'prod' | 'max' | 'min' | 'any' | 'all';

const { fround } = Math;
const isQuantized = (dtype: DType) => dtype === 'uint8' || dtype === 'int8' || dtype === 'int16';

/** For each output, in row-major order, the input elements that it is made of, in row-major order. */
function gather(shape: readonly number[], reduced: readonly boolean[]): number[][] {
  const kept = shape.map((d, i) => (reduced[i] ? 1 : d));
  const groups: number[][] = Array.from({ length: elementCount(kept) }, () => []);
  for (let i = 0; i < elementCount(shape); i++) {
    let rest = i;
    let o = 0;
    let stride = 1;
    for (let d = shape.length - 1; d >= 0; d--) {
      const index = rest % shape[d]!;
      rest = Math.floor(rest / shape[d]!);
      if (!reduced[d]) o += index * stride;
      stride *= kept[d]!;
    }
    groups[o]!.push(i);
  }
  return groups;
}

/** MultiplyByQuantizedMultiplier in 64-bit integers: a doubling high multiply (half up), a shift (half away from zero). */
function multiplyByQuantizedMultiplier(x: number, multiplier: number, shift: number): number {
  const shifted = BigInt.asIntN(32, BigInt(x) << BigInt(Math.max(0, shift)));
  const high = Number((shifted * BigInt(multiplier) + (1n << 30n)) >> 31n);
  return shift < 0 ? roundAway(high / 2 ** -shift) : high;
}

/** TFLite's form for 64-bit accumulators: 16 bits of the multiplier, one rounding (half up). */
function multiplyWide(x: bigint, multiplier: number, shift: number): number {
  const reduced = multiplier < 0x7fff0000 ? (multiplier + 2 ** 15) >> 16 : 0x7fff;
  const total = BigInt(15 - shift);
  return Number(BigInt.asIntN(32, (x * BigInt(reduced) + (1n << (total - 1n))) >> total));
}

function quantizedSum(x: number[], p: QuantizationSpec, q: QuantizationSpec): number {
  const n = fround(x.length);
  const total = fround(x.reduce((a, b) => a + b, 0));
  const scale = fround(fround(p.scale[0]!) / fround(q.scale[0]!));
  const bias = fround(fround(-p.zeroPoint[0]! * scale) * n);
  return roundAway(fround(fround(total * scale) + bias)) + q.zeroPoint[0]!;
}

function quantizedMean(x: number[], p: QuantizationSpec, q: QuantizationSpec, overImage: boolean): number {
  const n = x.length;
  // Made of a NaN, as TFLite does for all types.
  if (!n) return 0;
  const total = x.reduce((a, b) => a + b, 0);
  const [ps, qs] = [fround(p.scale[0]!), fround(q.scale[0]!)];
  if (overImage) {
    // The zero point as a bias that is rounded on its own.
    const zero = fround(fround(p.zeroPoint[0]! * ps) / qs);
    const bias = q.zeroPoint[0]! - Math.trunc(fround(zero > 0 ? zero + 0.5 : zero - 0.5));
    const { multiplier, shift } = quantizeMultiplier(fround(ps / fround(n * qs)));
    return multiplyByQuantizedMultiplier(total, multiplier, shift) + bias;
  }
  const { multiplier, shift } = quantizeMultiplier(ps / qs);
  const extra = Math.min(Math.floor(Math.log2(n)), 31 + shift);
  const divided = Number((BigInt(multiplier) << BigInt(extra)) / BigInt(n));
  return multiplyByQuantizedMultiplier(total - p.zeroPoint[0]! * n, divided, shift - extra) + q.zeroPoint[0]!;
}

function quantizedProd(x: number[], p: QuantizationSpec, q: QuantizationSpec): number {
  const { multiplier, shift } = quantizeMultiplier(fround(p.scale[0]!) / fround(q.scale[0]!) ** (1 / x.length));
  const real = x.map((v) => BigInt(v - p.zeroPoint[0]!));
  let product = real[0]!;
  for (const v of real.slice(1)) product = BigInt(multiplyWide(product * v, multiplier, shift));
  return multiplyWide(product, multiplier, shift) + q.zeroPoint[0]!;
}

const fold: Record<Exclude<Operation, 'mean'>, (a: number, b: number) => number> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  max: (a, b) => Math.max(a, b),
  min: (a, b) => Math.min(a, b),
  any: (a, b) => a | b,
  all: (a, b) => a & b,
};

/** What is left of no elements. */
function nothing(operation: Exclude<Operation, 'mean'>, dtype: DType): number {
  if (operation === 'prod' || operation === 'all') return 1;
  if (operation === 'sum' || operation === 'any') return 0;
  const [lo, hi] = dtype === 'float32' ? [-(2 - 2 ** -23) * 2 ** 127, (2 - 2 ** -23) * 2 ** 127] : integerRange(dtype);
  return operation === 'max' ? lo : hi;
}

function reduceBigInts(operation: Operation, x: bigint[], bits: number): bigint {
  if (operation === 'max' || operation === 'min') {
    const worst = BigInt.asIntN(bits, 1n << BigInt(bits - 1));
    if (x.length === 0) return operation === 'max' ? worst : -worst - 1n;
    const better = (a: bigint, b: bigint) => (operation === 'max' ? a > b : a < b);
    return x.reduce((a, b) => (better(a, b) ? a : b));
  }
  if (operation === 'prod')
    return BigInt.asIntN(
      bits,
      x.reduce((a, b) => a * b, 1n),
    );
  const sum = BigInt.asIntN(
    64,
    x.reduce((a, b) => a + b, 0n),
  );
  return BigInt.asIntN(bits, operation === 'mean' && x.length ? sum / BigInt(x.length) : sum);
}

/** Halves are summed as floats. */
function ofHalves(operation: Operation, node: ReferenceNode): ReferenceResult[] {
  const [x, axes] = node.inputs as [ReferenceTensor, ReferenceTensor];
  const floats = { ...x, dtype: 'float32' as const, data: Float32Array.from(x.data as Uint16Array, halfToFloat) };
  return reference(operation, { ...node, inputs: [floats, axes] }).map(({ shape, data }) => ({
    shape,
    data: Uint16Array.from(data as Float32Array, floatToHalf),
  }));
}

function reference(operation: Operation, node: ReferenceNode): ReferenceResult[] {
  const x = node.inputs[0]!;
  const y = node.outputs[0]!;
  const { keepDims } = node.options;
  const axes = new Set(Array.from(node.inputs[1]!.data as Int32Array, (a) => (a < 0 ? a + x.shape.length : a)));
  const reduced = x.shape.map((_, i) => axes.has(i));
  const kept = x.shape.map((d, i) => (reduced[i] ? 1 : d));
  const shape = keepDims ? kept : kept.filter((_, i) => !reduced[i]);
  const overImage =
    keepDims && x.shape.length === 4 && x.dtype !== 'int16' && reduced.join() === 'false,true,true,false';

  const data = new (typedArrayOf(x.dtype))(elementCount(shape));
  gather(x.shape, reduced).forEach((indices, i) => {
    const elements = indices.map((j) => x.data[j]!);
    if (x.dtype === 'int64') data[i] = reduceBigInts(operation, elements as bigint[], 64);
    else if (x.dtype === 'int32') data[i] = Number(reduceBigInts(operation, (elements as number[]).map(BigInt), 32));
    else {
      const v = elements as number[];
      const quantized = !!x.quantization;
      if (
        quantized &&
        (operation === 'sum' || operation === 'mean' || (operation === 'prod' && reduced.includes(true)))
      ) {
        const [p, q] = [x.quantization!, y.quantization!];
        const result =
          operation === 'sum'
            ? quantizedSum(v, p, q)
            : operation === 'mean'
              ? quantizedMean(v, p, q, overImage)
              : quantizedProd(v, p, q);
        const [lo, hi] = integerRange(x.dtype);
        data[i] = Math.min(Math.max(result, lo), hi);
      } else if (isQuantized(x.dtype) && operation === 'prod') {
        // Plain integers wrap, as the array does.
        data[i] = Number(reduceBigInts('prod', v.map(BigInt), 32));
      } else if (operation === 'mean') data[i] = v.reduce((a, b) => a + b, 0) / v.length;
      else data[i] = v.length ? v.reduce(fold[operation]) : nothing(operation, x.dtype);
    }
  });
  return [{ shape, data }];
}

function axesTensor(axes: readonly number[], constant = true): TensorSpec {
  return { dtype: 'int32', shape: [axes.length], data: Int32Array.from(axes), constant };
}

function caseOf(
  rng: Rng,
  operation: Operation,
  dtype: DType,
  shape: readonly number[],
  axes: readonly number[],
  keepDims: boolean,
  constant = true,
  plain = false,
): OpCase {
  const quantization = isQuantized(dtype) && !plain ? rng.quantization(dtype) : undefined;
  let output = quantization;
  if (quantization && (operation === 'sum' || operation === 'mean')) output = rng.quantization(dtype);
  if (quantization && operation === 'prod') output = { scale: [1], zeroPoint: dtype === 'int16' ? [0] : [3] };
  return {
    name: `${dtype} [${shape}] over [${axes}]${keepDims ? ' kept' : ''}${constant ? '' : ' at run time'}${plain ? ' without scales' : ''}`,
    options: { keepDims },
    inputs: [{ dtype, shape, quantization, data: elements(rng, operation, dtype, shape) }, axesTensor(axes, constant)],
    outputs: [{ dtype, shape: [], quantization: output }],
  };
}

/** Products stay near 1, so that they neither overflow nor vanish. */
function elements(rng: Rng, operation: Operation, dtype: DType, shape: readonly number[]): TypedArray {
  const data = rng.data(dtype, shape);
  if (operation === 'prod' && dtype === 'float32') {
    for (let i = 0; i < data.length; i++) data[i] = rng.uniform(0.8, 1.2) * (rng.bool() ? 1 : -1);
  }
  return data;
}

const DTYPES: Record<Operation, readonly DType[]> = {
  sum: ['float32', 'int32', 'int64', 'uint8', 'int8', 'int16', 'float16'],
  mean: ['float32', 'int32', 'int64', 'uint8', 'int8', 'int16', 'float16'],
  prod: ['float32', 'int32', 'int64', 'int8', 'int16'],
  max: ['float32', 'int32', 'int64', 'uint8', 'int8', 'int16', 'float16'],
  min: ['float32', 'int32', 'int64', 'uint8', 'int8', 'int16', 'float16'],
  any: ['bool'],
  all: ['bool'],
};

const SHAPES: [shape: number[], axes: number[], keepDims: boolean][] = [
  [[7], [0], false],
  [[2, 3, 5], [-1, 0], true],
  [[2, 3, 5], [1, 1, -2], false],
  [[2, 3, 5], [], false],
  [[1, 7, 7, 67], [1, 2], true],
  [[2, 4, 4, 33], [2, 1], false],
  [[2, 2, 3, 2, 2], [1, 3], true],
  [[3, 2, 5, 3, 2, 4], [0, 2, 4], false],
  [[5, 133], [1], false],
  [[1, 1, 1, 9], [1, 2], true],
  [[], [], false],
  [[0, 3], [0], false],
  [[2, 0, 0, 3], [1, 2], true],
  [[3, 0], [0], true],
];

export function reductionSpec(op: string, operation: Operation, rng: Rng): OpSpec {
  const dtypes = DTYPES[operation];
  return {
    op,
    reference: (node) => (node.inputs[0]!.dtype === 'float16' ? ofHalves : reference)(operation, node),
    cases: [
      ...SHAPES.flatMap(([shape, axes, keep]) =>
        dtypes
          .filter((d) => operation !== 'prod' || elementCount(shape) || !isQuantized(d))
          .map((d) => caseOf(rng, operation, d, shape, axes, keep)),
      ),
      caseOf(rng, operation, dtypes[0]!, [3, 4], [0], false, false),
      ...(['prod', 'max', 'min'].includes(operation) ? (['int8', 'uint8', 'int16'] as const) : []).map((dtype) =>
        caseOf(rng, operation, dtype, [3, 4, 17], [0, 2], false, true, true),
      ),
    ],
    random(rng) {
      const shape = Array.from({ length: rng.int(1, 5) }, () => rng.int(1, 4));
      shape[rng.int(0, shape.length - 1)] = rng.dim();
      const axes = shape.map((_, i) => i - (rng.bool() ? 0 : shape.length)).filter(() => rng.bool());
      return caseOf(rng, operation, rng.pick(dtypes), shape, axes, rng.bool());
    },
    // Sums of up to a few hundred terms, added in another order.
    tolerance: ({ inputs }) => (inputs[0]!.dtype === 'float16' ? { rtol: 1e-3 } : { rtol: 1e-5, atol: 2e-5 }),
  };
}
