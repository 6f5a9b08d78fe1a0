// How lowerings reach the matrix products of assembly/lib/gemm-*.ts: packed weights, and what follows the sums.
import { RelaxedDot } from '../../../assembly/lib/opcodes.js';
import { type DType, elementSize } from '../../dtype.js';
import type { Value } from '../../graph/ir.js';
import type { Arg, PlanBuilder, Scratch } from '../operator.js';
import { byteBias } from './convolution.js';
import { type Rounding, requantization } from './requantize.js';

/** Weights as rows [groups * n, k] (TFLite's filters, flattened) or, for `transposed`, columns [k, groups * n]; bias [groups * n]. */
export interface Weights {
  readonly w: Value;
  readonly bias: Value | null;
  /** Columns and depth of the product of one group. */
  readonly n: number;
  readonly k: number;
  readonly groups?: number;
  /** Parts of equal length that k consists of, which kernels with c4 in their names find apart from each other. */
  readonly runs?: number;
  readonly transposed?: boolean;
  /** Where the matrix starts in `w`, in elements. */
  readonly offset?: number;
  /** Memory that several products of one node use in turn. */
  readonly space?: Space;
}

export interface Space {
  packed?: Scratch;
  row?: Scratch;
  rows?: Scratch;
}

/** How bytes become numbers: `flip` makes uint8 int8, and the zero point stands on that side. */
export interface Bytes {
  readonly flip: number;
  readonly zeroPoint: number;
}

/** Activations of a quantized product: stored bytes, or what `dynamicQuantize` made of floats. */
export interface Activations extends Bytes {
  readonly x: Arg;
  /** { scale, zeroPoint } a row, or 0. */
  readonly dynamic: Arg;
  /** All rows have the first row's. */
  readonly shared?: boolean;
}

/** Kernel arguments that say what follows the sums. */
export type Epilogue = readonly [q: number, mode: number, output: number];

/** Modes of lib/gemm-qs8.ts beside those of requantization. */
const SUMS = 6;

/** Leaves the sums as they are: int32. */
export const sumsEpilogue: Epilogue = [0, SUMS, 0];

export const panelUnits = (n: number) => Math.ceil(n / 16);
const panelColumns = (n: number) => Math.ceil(n / 8) * 8;

/** Bytes that f32_gemm_pack and qs8_gemm_pack write. */
export const packedFloatBytes = (n: number, k: number) => (k + 1) * panelColumns(n) * 4;
export const packedByteBytes = (n: number, k: number) => (widenedBytes(k) + 4) * panelColumns(n);

/** Bytes of a row of activations widened to int16 (rowBytesQs8 in lib/gemm-qs8.ts). */
export const widenedBytes = (k: number) => Math.ceil(k / 2) * 4;

/** Whether weights stay bytes until a panel of them is needed: half the memory, and no slower where they are many. */
const isNarrow = ({ n, k }: Weights) => n * k >= 1 << 17;

/** Scratch memory for a panel; 0 where weights are packed as int16, or for relaxed dot products. */
export const panelScratch = (plan: PlanBuilder, weights: Weights, dot: Bytes | null) =>
  !dot && isNarrow(weights) ? plan.scratch(widenedBytes(weights.k) * 16 + 64) : 0;

/** Bytes of scratch memory that a row of activations takes. */
export const productBytes = (k: number, dot: Bytes | null) => (dot ? k + 8 : widenedBytes(k));

/** `arg` and `bytes` more; 0 stands for nothing and stays. */
export function past(arg: Arg, bytes: number): Arg {
  if (typeof arg === 'number') return arg && arg + bytes;
  return 'value' in arg ? { value: arg.value, offset: arg.offset + bytes } : { value: arg, offset: bytes };
}

/**
 * Packs weights, now if they are constant, else at run time into scratch.
 * @param key names the form beside `w` and `bias`
 * @param args kernel arguments behind k and n, given where the group's weights, bias and packed weights are
 */
function pack(
  plan: PlanBuilder,
  kernel: 'f32_gemm_pack' | 'qs8_gemm_pack' | 'qs8_gemm_pack_narrow' | 'qs8_gemm_pack_c4' | 'qs8_gemv_head_c4',
  key: string,
  groupBytes: number,
  weights: Weights,
  args: (w: Arg, bias: Arg, to: Arg) => Arg[],
): Arg {
  const { w, bias, n, k, groups = 1, transposed, offset = 0, space = {} } = weights;
  const size = elementSize(w.dtype);
  const each = (from: Arg, b: Arg, to: Arg, run: (args: Arg[]) => void) => {
    for (let g = 0; g < groups; g++) {
      const at = offset + g * n * (transposed ? 1 : k);
      run([k, n, ...args(past(from, at * size), past(b, g * n * 4), past(to, g * groupBytes))]);
    }
  };
  if (w.constant && (!bias || bias.constant)) {
    const id = `${kernel}:${key}:${w.constant.id}:${offset}:${bias?.constant?.id}:${groups}x${n}x${k}:${!!transposed}`;
    return plan.packed(id, groupBytes * groups, (address) => {
      const call = plan.kernels[kernel] as (...args: number[]) => void;
      each(w.constant!.address, bias?.constant?.address ?? 0, address, (all) => {
        call(...(all as number[]), 0, panelUnits(n));
      });
    });
  }
  space.packed ??= plan.temporary(groupBytes * groups);
  each(w, bias ?? 0, space.packed, (all) => plan.call(kernel, all as never, panelUnits(n)));
  return space.packed;
}

const strides = ({ n, k, groups = 1, transposed }: Weights) => (transposed ? [1, groups * n] : [k, 1]);

export function packFloats(plan: PlanBuilder, weights: Weights): Arg {
  const { n, k } = weights;
  const bytes = packedFloatBytes(n, k);
  return pack(plan, 'f32_gemm_pack', '', bytes, weights, (w, bias, to) => [w, ...strides(weights), bias, to]);
}

/**
 * What kernels with c4 in their names take for `flip` and the zero point of activations, by the machine's relaxed dot product;
 * null where it is of no use.
 */
export function dotOperand({ relaxedDot }: PlanBuilder, { flip, zeroPoint }: Bytes): Bytes | null {
  if (relaxedDot === RelaxedDot.NONE) return null;
  return relaxedDot === RelaxedDot.UNSIGNED ? { flip: flip ^ 128, zeroPoint: zeroPoint + 128 } : { flip, zeroPoint };
}

/** Packs weights, for relaxed dot products with `dot` if that is given. Kernels with c4 that read them in place want a head. */
export function packBytes(
  plan: PlanBuilder,
  weights: Weights,
  { flip, zeroPoint }: Bytes,
  { dynamic }: Activations,
  dot: Bytes | null,
  headOnly = false,
): Arg {
  const { n, k, runs = 1 } = weights;
  const narrow = isNarrow(weights);
  const form = dot ? '_c4' : narrow ? '_narrow' : '';
  const kernel = headOnly ? 'qs8_gemv_head_c4' : (`qs8_gemm_pack${form}` as const);
  const how = [flip, zeroPoint, ...(dot ? [dot.zeroPoint, dynamic ? 1 : 0] : []), ...(dot && !headOnly ? [runs] : [])];
  const bytes = dot
    ? ((headOnly ? 0 : runs * Math.ceil(k / runs / 4)) + 2) * panelColumns(n) * 4
    : narrow
      ? (widenedBytes(k) / 2 + 6) * panelColumns(n)
      : packedByteBytes(n, k);
  return pack(plan, kernel, how.join(':'), bytes, weights, (w, bias, to) => {
    return [w, ...strides(weights), ...how, bias, to];
  });
}

/** Few rows read the weights in place; more are worth packing them, later if that happens at every run. */
const readsInPlace = (m: number, { w, transposed }: Weights) => !transposed && m < (w.constant ? 4 : 8);

/** y[m, n] = clamp(x[m, k] * w + bias) in float. */
export function floatProduct(
  plan: PlanBuilder,
  m: number,
  x: Arg,
  weights: Weights,
  y: Arg,
  clamp: readonly [lo: number, hi: number],
): void {
  const { w, bias, n, k, offset = 0 } = weights;
  // Weights that may stay in cache from run to run are read twice as fast when packed.
  if (readsInPlace(m, weights) && !(w.constant && n * k > 4096 && n * k <= 262144)) {
    plan.call('f32_gemv', [m, n, k, x, past(w, offset * 4), bias ?? 0, y, ...clamp], n);
    return;
  }
  plan.call('f32_gemm', [n, k, x, k, packFloats(plan, weights), y, n, ...clamp], m);
}

/** y[m, n] = epilogue(x[m, k] * w + bias) on bytes. */
export function bytesProduct(
  plan: PlanBuilder,
  m: number,
  from: Activations,
  weights: Weights,
  bytes: Bytes,
  y: Arg,
  epilogue: Epilogue,
): void {
  const { w, bias, n, k, offset = 0, space = {} } = weights;
  const inPlace = readsInPlace(m, weights);
  // Sums of columns, which the head holds, take as long as the product.
  const dot = inPlace && !(w.constant && (!bias || bias.constant)) ? null : dotOperand(plan, from);
  const { flip, zeroPoint } = dot ?? from;
  const { x, dynamic, shared } = from;
  const input = [n, k, x, flip, zeroPoint, dynamic] as const;
  const to = [y, ...epilogue] as const;
  if (inPlace) {
    space.row ??= plan.scratch(k * 2 + 64);
    const head = dot ? packBytes(plan, weights, bytes, from, dot, true) : (bias ?? 0);
    const more = [m, space.row, past(w, offset), bytes.flip, bytes.zeroPoint, head] as const;
    plan.call(dot ? 'qs8_gemv_c4' : 'qs8_gemv', [...input, ...more, ...to], Math.ceil(n / 8));
  } else {
    const panel = panelScratch(plan, weights, dot);
    space.rows ??= plan.scratch((panel ? 64 : 32) * productBytes(k, dot) + 32);
    const packed = packBytes(plan, weights, bytes, from, dot);
    const more = [dynamic && !shared ? 8 : 0, space.rows, packed, panel] as const;
    plan.call(dot ? 'qs8_gemm_c4' : 'qs8_gemm', [...input, ...more, ...to], m);
  }
}

/** Requantization to int8 or uint8; each group's channels start on a multiple of four. */
export function bytesEpilogue(
  plan: PlanBuilder,
  { bias, k, groups }: Pick<Weights, 'bias' | 'k' | 'groups'>,
  multipliers: Float64Array,
  rounding: Rounding,
  dtype: DType,
  zeroPoint: number,
  [lo, hi]: readonly [number, number],
): Epilogue {
  const flip = byteBias(dtype);
  const output = new Int8Array(80);
  new Int16Array(output.buffer, 0, 8).fill(zeroPoint - flip);
  new Int32Array(output.buffer, 64).fill(0x4b400000 - zeroPoint + flip);
  output
    .fill(lo - flip, 16, 32)
    .fill(hi - flip, 32, 48)
    .fill(flip, 48, 64);
  const { address, mode } = requantization(plan, byGroups(multipliers, groups), rounding);
  const added = bias?.constant && (plan.read(bias) as Int32Array);
  // int8 filters of convolutions have no zero point.
  const widest = groups && !flip ? 128 : 255;
  const largest = (c: number) => k * 255 * widest + (bias ? Math.abs(added?.[c] ?? Infinity) : 0);
  const small = multipliers.every((m, c) => (mode ? 1 : m) * largest(c) < 2 ** 22);
  // FAST and ONCE_RIGHT have forms for small sums: FAST_SMALL and ONCE_SMALL.
  return [address, small && !(mode % 3) ? ~mode : mode, plan.constant(output)];
}

/** Channels with each group's padded to a multiple of four, and room for a whole panel behind the last. */
export function byGroups<A extends Float32Array | Float64Array>(channels: A, groups = 1): A {
  const n = channels.length / groups;
  const padded = Math.ceil(n / 4) * 4;
  const out = new (channels.constructor as new (length: number) => A)(groups * padded + 16);
  for (let g = 0; g < groups; g++) out.set(channels.subarray(g * n, (g + 1) * n), g * padded);
  return out;
}
