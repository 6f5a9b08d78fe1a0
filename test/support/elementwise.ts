// What the specifications of element-wise operators share: references over broadcast shapes, TFLite's fixed-point arithmetic in
// 64-bit integers, and generators.
import { type DType, elementCount, type TypedArray, typedArrayOf } from '../../bindings/dtype.js';
import { floatToHalf, halfToFloat } from '../../bindings/half.js';
import { integerRange, quantizeMultiplier, roundAway } from '../../bindings/quantization.js';
import { bfloatToFloat, floatToBfloat } from './bfloat16.js';
import { Rng } from './random.js';
import type {
  OpCase,
  OpSpec,
  QuantizationSpec,
  ReferenceNode,
  ReferenceTensor,
  TensorSpec,
  Tolerance,
} from './spec.js';

export const { fround } = Math;

/** Scale (a float32) and zero point of a tensor, and the type's limits. */
export interface Affine {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly dtype: DType;
}

export function affine(tensor: { dtype: DType; quantization?: QuantizationSpec }): Affine {
  const { scale, zeroPoint } = tensor.quantization!;
  return { scale: fround(scale[0]!), zeroPoint: zeroPoint[0]!, dtype: tensor.dtype };
}

/** MultiplyByQuantizedMultiplier: a doubling high multiply (halves up), then a shift (halves away from zero). */
export function multiplyByQuantizedMultiplier(x: number, multiplier: number, shift: number): number {
  const shifted = BigInt.asIntN(32, BigInt(x) << BigInt(Math.max(0, shift)));
  const high = Number((shifted * BigInt(multiplier) + (1n << 30n)) >> 31n);
  return shift < 0 ? roundAway(high / 2 ** -shift) : high;
}

/** x times a real number in fixed point. */
export function scaled(x: number, real: number): number {
  const { multiplier, shift } = quantizeMultiplier(real);
  return multiplyByQuantizedMultiplier(x, multiplier, shift);
}

export function clampTo(dtype: DType, q: number): number {
  const [lo, hi] = integerRange(dtype);
  return Math.min(Math.max(q, lo), hi);
}

const LIMITS: Record<string, readonly [number, number]> = {
  RELU: [0, Number.POSITIVE_INFINITY],
  RELU6: [0, 6],
  RELU_N1_TO_1: [-1, 1],
};

/** A fused activation's clamp in the quantized domain. */
export function clampActivation(activation: string | undefined, y: Affine, q: number): number {
  const [lo, hi] = LIMITS[activation ?? ''] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const limit = (real: number) => (Number.isFinite(real) ? y.zeroPoint + roundAway(fround(real / y.scale)) : real);
  return clampTo(y.dtype, Math.min(Math.max(q, limit(lo)), limit(hi)));
}

export function clampReal(activation: string | undefined, x: number): number {
  const [lo, hi] = LIMITS[activation ?? ''] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  // NaN stays.
  return x < lo ? lo : Math.min(x, hi);
}

/** A real function of 8-bit values as TFLite's look-up tables have it, step by step in float32. */
export function sampled8(q: number, x: Affine, y: Affine, f: (x: number) => number): number {
  const value = fround(f(fround(x.scale * (q - x.zeroPoint))));
  return clampTo(y.dtype, Math.trunc(fround(roundAway(fround(value * fround(1 / y.scale))) + y.zeroPoint)));
}

/**
 * A real function of int16 values as TFLite's tables have it: 513 samples, each moved by half of what linear interpolation misses
 * in the middle of its step, and a straight line between two of them.
 */
export function sampled16(q: number, x: Affine, y: Affine, f: (x: number) => number): number {
  const real = (n: number) => fround(x.scale * (n - x.zeroPoint));
  const [low, high] = [real(-32768), real(32767)];
  const step = fround(fround(high - low) / 512);
  const range = fround(fround(y.scale * (32767 - y.zeroPoint)) - fround(y.scale * (-32768 - y.zeroPoint)));
  const at = (value: number) => fround(fround(f(value)) * fround(65536 / range));
  const sample = (i: number) => {
    if (i === 512) return clampTo('int16', roundAway(at(high)));
    const start = fround(low + fround(i * step));
    const here = roundAway(at(start));
    const next = at(fround(low + fround((i + 1) * step)));
    const middle = roundAway(at(fround(start + fround(step / 2))));
    const error = fround(roundAway(fround(fround(next + here) / 2)) - middle);
    return clampTo('int16', Math.trunc(fround(here - roundAway(fround(error / 2)))));
  };
  const int16 = (value: number) => (value << 16) >> 16;
  const i = 256 + Math.floor(q / 128);
  const slope = int16(sample(i + 1) - sample(i));
  return int16(sample(i) + Math.floor((slope * (q & 127) + 64) / 128));
}

const FROM: Partial<Record<DType, (bits: number) => number>> = { float16: halfToFloat, bfloat16: bfloatToFloat };
const TO: Partial<Record<DType, (x: number) => number>> = { float16: floatToHalf, bfloat16: floatToBfloat };

const element = (x: ReferenceTensor, i: number): number | bigint => {
  const from = FROM[x.dtype];
  return from ? from(x.data[i] as number) : x.data[i]!;
};

function write(dtype: DType, values: readonly (number | bigint)[]): TypedArray {
  const data = new (typedArrayOf(dtype))(values.length);
  const to = TO[dtype];
  values.forEach((v, i) => {
    data[i] = to ? to(fround(v as number)) : v;
  });
  return data;
}

const FLOATS: readonly DType[] = ['float32', 'float16', 'bfloat16', 'float64'];

/** Every output element from the input element at the same place. */
export function mapElements(node: ReferenceNode, f: (x: number | bigint) => number | bigint) {
  const x = node.inputs[0]!;
  const values = Array.from({ length: elementCount(x.shape) }, (_, i) => f(element(x, i)));
  return [{ shape: x.shape, data: write(node.outputs[0]!.dtype, values) }];
}

/** Every output element from the two input elements that broadcasting puts there. */
export function mapPairs(node: ReferenceNode, f: (a: number | bigint, b: number | bigint) => number | bigint) {
  const [a, b] = [node.inputs[0]!, node.inputs[1]!];
  const rank = Math.max(a.shape.length, b.shape.length);
  const [pa, pb] = [a, b].map(({ shape }) => [...Array(rank - shape.length).fill(1), ...shape] as number[]);
  const shape = pa!.map((d, i) => (d === 1 ? pb![i]! : d));
  const values = Array.from({ length: elementCount(shape) }, (_, index) => {
    let rest = index;
    let [ia, ib, strideA, strideB] = [0, 0, 1, 1];
    for (let d = rank - 1; d >= 0; d--) {
      const i = rest % shape[d]!;
      rest = Math.floor(rest / shape[d]!);
      if (pa![d] !== 1) ia += i * strideA;
      if (pb![d] !== 1) ib += i * strideB;
      strideA *= pa![d]!;
      strideB *= pb![d]!;
    }
    return f(element(a, ia), element(b, ib));
  });
  return [{ shape, data: write(node.outputs[0]!.dtype, values) }];
}

/** Within a few units in the last place, or next to nothing. */
const SINGLE: Tolerance = { rtol: 4e-7, atol: 1e-7 };
const HALF: Tolerance = { rtol: 1e-3, atol: 1e-3 };
const BRAIN: Tolerance = { rtol: 8e-3, atol: 8e-3 };

const toleranceOf = (dtype: DType, float?: Tolerance): Tolerance =>
  dtype === 'float16' ? HALF : dtype === 'bfloat16' ? BRAIN : { ...SINGLE, ...float };

const QUANTIZED: readonly DType[] = ['int8', 'uint8', 'int16'];

/** A shape of rank 0 to 4 with lengths around vector widths. */
function shapeOf(rng: Rng): number[] {
  return Array.from({ length: rng.int(0, 4) }, () => (rng.bool(0.3) ? rng.dim(40) : rng.int(1, 4)));
}

/** All values of an 8-bit type, or what the generator draws. */
function inputTensor(rng: Rng, dtype: DType, shape: readonly number[], range: number, positive: boolean): TensorSpec {
  const quantization = QUANTIZED.includes(dtype) ? rng.quantization(dtype, range) : undefined;
  const data = rng.data(dtype, shape, range);
  if (positive && data instanceof Float32Array)
    data.forEach((v, i) => {
      data[i] = Math.abs(v);
    });
  if (positive && TO[dtype])
    data.forEach((v, i) => {
      data[i] = (v as number) & 0x7fff;
    });
  return { dtype, shape, data, quantization };
}

export interface UnarySpec {
  readonly op: string;
  readonly dtypes: readonly DType[];
  /** The real function of floats. */
  readonly f?: (x: number, options: Record<string, unknown>) => number;
  /** The function of quantized values. */
  readonly quantized?: (q: number, x: Affine, y: Affine, options: Record<string, unknown>) => number;
  /** The function of plain integers. */
  readonly integer?: (x: bigint) => bigint;
  readonly options?: (rng: Rng) => Record<string, unknown>;
  readonly positive?: boolean;
  readonly range?: number;
  /** Quantization of the output, where not any will do. */
  readonly outputQuantization?: (rng: Rng, dtype: DType, x: QuantizationSpec) => QuantizationSpec;
  readonly tolerance?: Tolerance;
}

const SPECIAL = [0, -0, 1, -1, 0.5, -0.5, 1.5, -2.5, 3, -3, 6, -6, 1e-20, -1e-20, 20, -20, 1e-40];
const UNBOUNDED = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 100, -100, 1e30, -1e30];

export function unarySpec(spec: UnarySpec): OpSpec {
  const { op, dtypes, f, quantized, integer, options, positive = false, range = 4, outputQuantization } = spec;
  const tensors = (rng: Rng, dtype: DType, x: TensorSpec): OpCase['outputs'] => {
    const q = x.quantization;
    return [
      {
        dtype,
        shape: x.shape,
        quantization: q && (outputQuantization?.(rng, dtype, q) ?? rng.quantization(dtype, range)),
      },
    ];
  };
  const special = Float32Array.from([...SPECIAL, ...UNBOUNDED].filter((v) => !positive || !(v < 0)));
  const cases: OpCase[] = dtypes.includes('float32')
    ? [
        {
          name: 'special values',
          options: options?.(new Rng(1)),
          inputs: [{ dtype: 'float32', shape: [special.length], data: special }],
          outputs: [{ dtype: 'float32', shape: [] }],
        },
      ]
    : [];
  for (const dtype of dtypes) {
    if (dtype !== 'int8' && dtype !== 'uint8') continue;
    const rng = new Rng(7);
    const every = write(
      dtype,
      Array.from({ length: 256 }, (_, i) => i),
    );
    const x = { ...inputTensor(rng, dtype, [256], range, false), data: every };
    cases.push({
      name: `all values of ${dtype}`,
      options: options?.(rng),
      inputs: [x],
      outputs: tensors(rng, dtype, x),
    });
  }
  return {
    op,
    cases,
    tolerance: ({ inputs }) => toleranceOf(inputs[0]!.dtype, spec.tolerance),
    reference(node) {
      const x = node.inputs[0]!;
      if (x.quantization && quantized) {
        const [p, q] = [affine(x), affine({ ...node.outputs[0]!, dtype: x.dtype })];
        return mapElements(node, (v) => clampTo(x.dtype, quantized(v as number, p, q, node.options)));
      }
      if (FLOATS.includes(x.dtype)) {
        return mapElements(node, (v) => f!(v as number, node.options));
      }
      const wrap = (v: bigint) => BigInt.asIntN(x.data.BYTES_PER_ELEMENT * 8, v);
      return mapElements(node, (v) => {
        const y = wrap(integer!(BigInt(v)));
        return x.dtype === 'int64' ? y : Number(y);
      });
    },
    random(rng) {
      const dtype = rng.pick(dtypes);
      const x = inputTensor(rng, dtype, shapeOf(rng), range, positive);
      const plain = integer && (dtype === 'int16' || !quantized) ? { ...x, quantization: undefined } : x;
      return { name: `random ${dtype}`, options: options?.(rng), inputs: [plain], outputs: tensors(rng, dtype, plain) };
    },
  };
}

/** Two shapes that broadcast, of rank 0 to 6. */
function broadcastShapes(rng: Rng, alpha: boolean): [number[], number[]] {
  const shape = Array.from({ length: rng.int(0, 6) }, (_, i) =>
    i < 3 && rng.bool(0.3) ? rng.dim(33) : rng.int(1, 4),
  ).reverse();
  if (rng.bool(0.3)) return [shape, shape];
  const some = (p: number) => shape.map((d) => (rng.bool(p) ? 1 : d));
  const drop = (s: number[]) =>
    s.slice(
      s.findIndex((d) => d !== 1) < 0
        ? s.length
        : rng.int(
            0,
            s.findIndex((d) => d !== 1),
          ),
    );
  const [a, b] = rng.pick([
    [shape, drop(some(0.5))],
    [drop(some(0.5)), shape],
    [drop(some(0.3)), drop(some(0.3))],
    [shape, []],
    [[], shape],
  ] as [number[], number[]][]);
  return alpha ? [shape, drop(some(0.5))] : [a, b];
}

/** What STABLEHLO's arithmetic takes. */
export const NUMBERS: readonly DType[] = [
  'float32',
  'float16',
  'float64',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'bool',
];

/** Operands of STABLEHLO_MAXIMUM and STABLEHLO_MINIMUM of which one is NaN. */
export const FIRST_WHERE_NAN: OpCase = {
  name: 'the first where one is NaN',
  inputs: [
    { dtype: 'float32', shape: [4], data: Float32Array.of(NaN, 1, NaN, -Infinity) },
    { dtype: 'float32', shape: [4], data: Float32Array.of(1, NaN, Infinity, 1) },
  ],
  outputs: [{ dtype: 'float32', shape: [] }],
};

export interface BinarySpec {
  readonly op: string;
  readonly dtypes: readonly DType[];
  readonly f?: (a: number, b: number) => number;
  readonly integer?: (a: bigint, b: bigint, bits: number) => bigint;
  readonly quantized?: (qa: number, qb: number, a: Affine, b: Affine, y: Affine) => number;
  /** Has a fused activation. */
  readonly activation?: boolean;
  /** The output is bool; int16 is compared as it is, whatever its quantization. */
  readonly comparison?: boolean | 'raw16';
  /** The second input broadcasts to the first. */
  readonly alpha?: boolean;
  /** Shapes do not broadcast. */
  readonly sameShape?: boolean;
  readonly positive?: boolean;
  readonly tolerance?: Tolerance;
  readonly cases?: readonly OpCase[];
}

export function binarySpec(spec: BinarySpec): OpSpec {
  const { op, f, integer, quantized, comparison } = spec;
  const random = (rng: Rng): OpCase => randomBinary(rng, spec);
  return {
    op,
    cases: [...(spec.cases ?? []), ...[1, 2, 3, 4, 5, 6].map((seed) => random(new Rng(seed)))],
    random,
    tolerance: ({ inputs }) => toleranceOf(inputs[0]!.dtype, spec.tolerance),
    reference(node) {
      const [a, b, y] = [node.inputs[0]!, node.inputs[1]!, node.outputs[0]!];
      const { fusedActivationFunction } = node.options;
      const bytes = !!comparison && /^u?int8$/.test(a.dtype);
      if (quantized && (a.quantization || bytes) && !(comparison === 'raw16' && a.dtype === 'int16')) {
        const [pa, pb] = [a, b].map((v) => (v.quantization ? affine(v) : { scale: 0, zeroPoint: 0 })) as [
          Affine,
          Affine,
        ];
        const py = comparison ? pa : affine(y);
        return mapPairs(node, (p, q) => {
          const r = quantized(p as number, q as number, pa, pb, py);
          return comparison ? r : clampActivation(fusedActivationFunction, py, r);
        });
      }
      if (a.dtype === 'float64') return mapPairs(node, (p, q) => f!(p as number, q as number));
      if (FLOATS.includes(a.dtype)) {
        return mapPairs(node, (p, q) => clampReal(fusedActivationFunction, fround(f!(p as number, q as number))));
      }
      const bits = a.data.BYTES_PER_ELEMENT * 8;
      const wrap = /^uint|bool/.test(a.dtype) ? BigInt.asUintN : BigInt.asIntN;
      return mapPairs(node, (p, q) => {
        const r = wrap(bits, integer!(BigInt(p), BigInt(q), bits));
        if (comparison) return Number(r);
        if (a.dtype === 'bool') return Number(r !== 0n);
        const [lo, hi] = LIMITS[fusedActivationFunction] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
        const clamped = r < lo ? BigInt(lo) : r > hi ? BigInt(hi) : r;
        return /64/.test(a.dtype) ? clamped : Number(clamped);
      });
    },
  };
}

function randomBinary(rng: Rng, spec: BinarySpec): OpCase {
  const { dtypes, integer, quantized, activation, comparison, alpha = false, positive = false } = spec;
  const dtype = rng.pick(dtypes);
  const [sa, sb] = spec.sameShape ? Array(2).fill(shapeOf(rng)) : broadcastShapes(rng, alpha);
  const second = alpha && dtype === 'int16' ? 'int8' : dtype;
  const [a, b] = [inputTensor(rng, dtype, sa, 4, positive), inputTensor(rng, second, sb, 4, positive)];
  // int16 is a plain integer where it has no quantization, if the operator has that form.
  const isQuantized = !!a.quantization && !!quantized && !(integer && dtype === 'int16' && rng.bool());
  // Bytes that are compared may lack a scale.
  const bare = !!comparison && dtype !== 'int16' && rng.bool(0.1);
  const inputs = [a, b].map((t) => (isQuantized && !bare ? t : { ...t, quantization: undefined }));
  // Comparisons should meet equal values at times.
  if (comparison && a.data!.length && rng.bool()) {
    b.data!.forEach((_, k) => {
      b.data![k] = a.data![k % a.data!.length]!;
    });
  }
  const quantization = isQuantized && !comparison ? rng.quantization(dtype, 4) : undefined;
  return {
    name: `random ${dtype} [${sa}] [${sb}]`,
    options: activation ? { fusedActivationFunction: rng.pick(['NONE', 'NONE', 'RELU', 'RELU6', 'RELU_N1_TO_1']) } : {},
    inputs,
    outputs: [{ dtype: comparison ? 'bool' : dtype, shape: [], quantization }],
  };
}
