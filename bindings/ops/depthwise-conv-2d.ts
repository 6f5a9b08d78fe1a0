import { elementSize } from '../dtype.js';
import { checkShape, count, input, type OpNode, optionalInput, output, perTensor } from '../graph/ir.js';
import type { Operator, PlanBuilder, Shape, Value } from './operator.js';
import {
  byteBias,
  convolutionMultipliers,
  type Forms,
  floatClamp,
  formOf,
  quantizedClamp,
  requireConstant,
  standardForms,
} from './shared/convolution.js';
import { dotOperand } from './shared/gemm.js';
import { FAST_SMALL, requantization } from './shared/requantize.js';
import { inOneRow, type Window2d, window2d } from './shared/window.js';

/** A mode of dwconv-qs8 beside those of requantization. */
const EXACT_SMALL = -2;

export interface Geometry extends Window2d {
  readonly x: Value;
  readonly w: Value;
  readonly bias: Value | null;
  readonly y: Value;
  /** Output channels, and how many of them an input channel makes. */
  readonly channels: number;
  readonly multiplier: number;
}

function geometry(node: OpNode): Geometry {
  const [x, w, bias, y] = [input(node, 0), input(node, 1), optionalInput(node, 2), output(node)];
  checkShape(node, x.shape.length === 4 && w.shape.length === 4 && w.shape[0] === 1, () => {
    return `expected an input of rank 4 and a filter [1, h, w, c], found [${x.shape}] and [${w.shape}]`;
  });
  const [, kh, kw, channels] = w.shape as [number, number, number, number];
  const multiplier = channels / x.shape[3]!;
  checkShape(
    node,
    multiplier > 0 && Number.isInteger(multiplier),
    () => `${x.shape[3]} input channels do not divide ${channels}`,
  );
  checkShape(node, !bias || count(bias) === channels, () => `bias [${bias!.shape}] for ${channels} channels`);
  return { x, w, bias, y, ...window2d(node, x.shape, kh, kw), channels, multiplier };
}

/** Kernels of dwconv-qs8 take four outputs of a row at once, but threads share rows: what is worth sharing stays as it is. */
const alongRows = (g: Geometry) => (count(g.y) * g.h.kernel < 2 ** 18 ? inOneRow(g) : g);

/** Kernel arguments that all kernels share, from the input's height to the leading padding. */
export function geometryArgs({ h, v, channels, multiplier: m }: Geometry) {
  return [
    ...([h.input, v.input, channels, m, h.output, v.output, h.kernel, v.kernel] as const),
    ...([h.stride, v.stride, h.dilation, v.dilation, h.padBefore, v.padBefore] as const),
  ] as const;
}

/** Rows of the output. */
export const unitsOf = ({ x, h }: Geometry) => x.shape[0]! * h.output;

/** How many rows the kernels of dwconv-qs8 interleave in a band, how far bands are apart, and how many a window touches. */
function bandsOf(high: number, kh: number): { high: number; step: number; n: number } {
  const step = high === 4 && kh <= 3 ? 2 : high;
  return { high, step, n: Math.ceil((step - 1 + kh) / high) };
}

/** Working memory of these kernels: table of bands, a row of padding, the ring, parameters and a row of sums. */
export function scratchBytes({ x, h, v, channels }: Geometry, high: number): number {
  const { n } = bandsOf(high, h.kernel);
  const columns = ceil4(v.output) * v.stride - v.stride + (v.kernel - 1) * v.dilation + 1;
  const row = v.input * x.shape[3]! * elementSize(x.dtype);
  return n * 8 + 16 + row + 16 + ceil4(channels) * 4 * (n * columns + 3 + ceil4(v.output)) + 80 + 64;
}

export const ceil4 = (n: number) => Math.ceil(n / 4) * 4;

/** Kernel arguments that say how the bytes of weights are read. */
function bytesOf({ w }: Geometry, zeroPoint: number) {
  const flip = byteBias(w.dtype);
  return [w.constant!.address, flip, zeroPoint - flip] as const;
}

/**
 * Weights minus zero point as the kernels want them, for each row of a band that a window may begin at. Of four rows they
 * are int8: what does not fit is left out, or with `list`, of whose planes alone the weights are then given, follows as the same again.
 */
export function packWeights(
  plan: PlanBuilder,
  g: Geometry,
  zeroPoint: number,
  rows: number,
  list?: readonly number[],
): number {
  const { w, h, v, channels } = g;
  const { high, step, n } = bandsOf(rows, h.kernel);
  const head = list ? Math.ceil((list.length + 1) / 4) * 16 : 0;
  const planes = list?.length ?? ceil4(channels) / 4;
  const bytes = head + step * planes * (list ? 2 * n : n) * v.kernel * 16;
  const key = `dwconv-qs8:${high}:${w.constant?.id}:${w.shape}:${h.kernel}:${zeroPoint}:${list ?? ''}`;
  return plan.packed(key, bytes, (address) => {
    if (list) plan.bytes(address, head).set(new Uint8Array(Int32Array.of(planes, ...list).buffer));
    const bands = [channels, h.kernel, v.kernel, high, step, n] as const;
    const to = [list ? address + 4 : 0, planes, address + head, 0, planes] as const;
    plan.kernels.qs8_dwconv_pack(...bands, ...bytesOf(g, zeroPoint), ...to);
  });
}

/**
 * The sums of each channel's weights, those of their absolute values, and the planes of four that have more than int8: null where
 * these are too many, or twice int8 is not enough.
 */
export function weigh(plan: PlanBuilder, g: Geometry, zeroPoint: number) {
  const { w, h, v, channels } = g;
  const n = ceil4(channels);
  const address = plan.packed(`dwconv-weigh:${w.constant?.id}:${w.shape}:${zeroPoint}`, n * 12, (to) => {
    plan.kernels.qs8_dwconv_weigh(h.kernel * v.kernel, channels, ...bytesOf(g, zeroPoint), to, 0, channels);
  });
  const found = new Int32Array(plan.bytes(address, n * 12).slice().buffer);
  const wide = new Set<number>();
  let largest = 0;
  for (let c = 0; c < channels; c++) {
    const span = found[2 * n + c]!;
    largest = Math.max(largest, span);
    if (span > 127) wide.add(c >> 2);
  }
  const few = largest < 255 && wide.size * 8 <= channels;
  return { sums: found.subarray(0, n), sizes: found.subarray(n), wide: few ? [...wide] : null };
}

function lowerFloat(node: OpNode, plan: PlanBuilder, g: Geometry): void {
  const bias = g.bias ?? plan.constant(new Float32Array(g.channels));
  plan.call('f32_dwconv', [g.x, g.w, bias, g.y, ...geometryArgs(g), ...floatClamp(node)], unitsOf(g));
}

/** Rows of a band, and what makes bytes of x what their products take: four where the weights `fit` and the machine multiplies bytes. */
export function bandForm(plan: PlanBuilder, { multiplier }: Geometry, bias: 0 | 128, fit: boolean) {
  const dot = multiplier === 1 && fit ? dotOperand(plan, { flip: bias, zeroPoint: 0 }) : null;
  return dot ? { high: 4, flip: dot.flip } : { high: 2, flip: bias };
}

function lowerBytes(node: OpNode, plan: PlanBuilder, g: Geometry): void {
  const { x, y, channels } = g;
  const wZero = x.dtype === 'uint8' ? perTensor(node, g.w).zeroPoint : 0;
  const { sums, sizes, wide } = weigh(plan, g, wZero);
  const signed = byteBias(x.dtype);
  const { high, flip } = bandForm(plan, g, signed, wide !== null);
  // The zero point among the bytes after `flip`: flipped uint8 are int8, and flipped int8 are uint8.
  const xZero = perTensor(node, x).zeroPoint + (x.dtype === 'uint8' ? -flip : flip);
  const given = g.bias && (plan.read(g.bias) as Int32Array);
  const multipliers = convolutionMultipliers(plan, node, x, g.w, y, channels);
  const q = requantization(plan, multipliers);
  const bias = new Int32Array(sums.length);
  let small = true;
  for (let c = 0; c < channels; c++) {
    const b = given?.[c] ?? 0;
    small &&= (Math.abs(b) + 255 * sizes[c]!) * (q.mode === 0 ? multipliers[c]! : 1) < 2 ** 22;
    bias[c] = b - xZero * sums[c]!;
  }
  const mode = !small || q.mode > 1 ? q.mode : q.mode === 0 ? FAST_SMALL : EXACT_SMALL;
  const [lo, hi] = quantizedClamp(node, y);
  const w = packWeights(plan, g, wZero, high);
  const scratch = plan.scratch(scratchBytes(g, high));
  const output = [q.address, mode, perTensor(node, y).zeroPoint - signed, lo - signed, hi - signed, signed] as const;
  const more = high === 4 && wide?.length ? packWeights(plan, g, wZero, high, wide) : 0;
  const args = [x, w, more, plan.constant(bias), y, scratch, ...geometryArgs(g), high, xZero, flip, ...output] as const;
  plan.call('qs8_dwconv', [...args], unitsOf(g));
}

export const FORMS = standardForms(lowerFloat, lowerBytes);

/** `packs`: the kernels for bytes read what is made of weights and bias beforehand, so that these must be constant. */
export function depthwiseConvolution(forms: Forms<Geometry>, packs = true): Operator {
  return {
    name: 'DEPTHWISE_CONV_2D',
    fusesClamp: true,
    foldsPad: true,

    infer(node): Shape[] {
      const g = geometry(node);
      const { x, w, bias, h, v, channels } = g;
      formOf(node, forms, g, channels);
      if (packs && w.dtype !== 'float32') {
        requireConstant(node, w, 'a quantized filter');
        if (x.dtype !== 'float32') requireConstant(node, bias, 'a bias');
      }
      return [[x.shape[0]!, h.output, v.output, channels]];
    },

    lower(node, plan) {
      const g = geometry(node);
      const { lower } = formOf(node, forms, g, g.channels);
      lower(node, plan, g.x.dtype === 'float32' && g.w.dtype === 'float32' ? g : alongRows(g));
    },

    macs(node) {
      const [, kh, kw] = input(node, 1).shape;
      return count(output(node)) * kh! * kw!;
    },
  };
}

export const depthwiseConv2d = depthwiseConvolution(FORMS);
