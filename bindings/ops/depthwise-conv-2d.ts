import { checkShape, count, input, type OpNode, optionalInput, output, perTensor } from '../graph/ir.js';
import type { Operator, PlanBuilder, Shape, Value } from './operator.js';
import {
  byteBias,
  channelScales,
  convolutionMultipliers,
  type Forms,
  floatClamp,
  formOf,
  quantizedClamp,
  requireConstant,
  standardForms,
} from './shared/convolution.js';
import { requantization } from './shared/requantize.js';
import { type WindowAxis, window2d } from './shared/window.js';

export interface Geometry {
  readonly x: Value;
  readonly w: Value;
  readonly bias: Value | null;
  readonly y: Value;
  readonly h: WindowAxis;
  readonly v: WindowAxis;
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
  checkShape(node, Number.isInteger(multiplier), () => `${x.shape[3]} input channels do not divide ${channels}`);
  checkShape(node, !bias || count(bias) === channels, () => `bias [${bias!.shape}] for ${channels} channels`);
  const { h, w: v } = window2d(node, x.shape, kh, kw);
  return { x, w, bias, y, h, v, channels, multiplier };
}

/** Kernel arguments that all kernels share, from the input's height to the leading padding. */
export function geometryArgs({ h, v, channels, multiplier: m }: Geometry) {
  return [
    ...([h.input, v.input, channels, m, h.output, v.output, h.kernel, v.kernel] as const),
    ...([h.stride, v.stride, h.dilation, v.dilation, h.padBefore, v.padBefore] as const),
  ] as const;
}

/** Rows of the output. */
export const unitsOf = ({ x, h }: Geometry) => x.shape[0]! * h.output;

/** Working memory of the kernels in dwconv-qs8: table of taps, a row of sums, the ring of widened rows and a zero row. */
export function scratchBytes({ h, v, channels }: Geometry): number {
  const fours = Math.ceil(v.output / 4);
  const pairs = Math.ceil((h.kernel * v.kernel) / 2);
  const columns = (fours * 4 - 1) * v.stride + (v.kernel - 1) * v.dilation + 1;
  const rows = (h.kernel - 1) * h.dilation + 2;
  return pairs * 8 + 16 + fours * 16 * ceil8(channels) + 64 + rows * columns * channels * 2 + 16;
}

export const ceil8 = (n: number) => Math.ceil(n / 8) * 8;

/** Weights minus zero point as [ceil(c / 8)][ceil(taps / 2)][8][2] int16: the pairs that a dot product takes. */
export function packWeights(plan: PlanBuilder, { w, h, v, channels: c }: Geometry, zeroPoint: number): number {
  const taps = h.kernel * v.kernel;
  const pairs = Math.ceil(taps / 2);
  const bytes = ceil8(c) * pairs * 4;
  return plan.packed(`dwconv-qs8:${w.constant?.id}:${w.shape}:${zeroPoint}`, bytes, (address) => {
    const data = plan.read(w) as Int8Array | Uint8Array;
    const packed = new Int16Array(bytes / 2);
    for (let t = 0; t < taps; t++) {
      for (let i = 0; i < c; i++) {
        packed[((i >> 3) * pairs + (t >> 1)) * 16 + (i & 7) * 2 + (t & 1)] = data[t * c + i]! - zeroPoint;
      }
    }
    plan.bytes(address, bytes).set(new Uint8Array(packed.buffer));
  });
}

function lowerFloat(node: OpNode, plan: PlanBuilder, g: Geometry): void {
  const bias = g.bias ?? plan.constant(new Float32Array(g.channels));
  plan.call('f32_dwconv', [g.x, g.w, bias, g.y, ...geometryArgs(g), ...floatClamp(node)], unitsOf(g));
}

function lowerHybrid(node: OpNode, plan: PlanBuilder, g: Geometry): void {
  const zeros = plan.constant(new Int32Array(ceil8(g.channels)));
  const bias = g.bias ?? plan.constant(new Float32Array(g.channels));
  const scales = plan.constant(channelScales(node, g.w, g.channels));
  const scratch = plan.scratch(scratchBytes(g));
  const w = packWeights(plan, g, 0);
  const args = [g.x, w, zeros, g.y, scratch, ...geometryArgs(g), bias, scales, ...floatClamp(node)] as const;
  plan.call('qd8_f32_dwconv', [...args], unitsOf(g));
}

function lowerBytes(node: OpNode, plan: PlanBuilder, g: Geometry): void {
  const { x, y, channels } = g;
  const flip = byteBias(x.dtype);
  const bias = new Int32Array(ceil8(channels));
  if (g.bias) bias.set(plan.read(g.bias) as Int32Array);
  const [lo, hi] = quantizedClamp(node, y);
  const q = requantization(plan, convolutionMultipliers(plan, node, x, g.w, y, channels));
  const w = packWeights(plan, g, x.dtype === 'uint8' ? perTensor(node, g.w).zeroPoint : 0);
  const scratch = plan.scratch(scratchBytes(g));
  const input = [perTensor(node, x).zeroPoint - flip, flip] as const;
  const output = [q.address, q.mode, perTensor(node, y).zeroPoint - flip, lo - flip, hi - flip, flip] as const;
  plan.call('qs8_dwconv', [x, w, plan.constant(bias), y, scratch, ...geometryArgs(g), ...input, ...output], unitsOf(g));
}

export const FORMS = standardForms(lowerFloat, lowerHybrid, lowerBytes);

export function depthwiseConvolution(forms: Forms<Geometry>): Operator {
  return {
    name: 'DEPTHWISE_CONV_2D',
    fusesClamp: true,
    foldsPad: true,

    infer(node): Shape[] {
      const g = geometry(node);
      const { x, w, bias, h, v, channels } = g;
      formOf(node, forms, g, channels);
      if (w.dtype !== 'float32') {
        requireConstant(node, w, 'a quantized filter');
        if (x.dtype !== 'float32') requireConstant(node, bias, 'a bias');
      }
      return [[x.shape[0]!, h.output, v.output, channels]];
    },

    lower(node, plan) {
      const g = geometry(node);
      formOf(node, forms, g, g.channels).lower(node, plan, g);
    },

    macs(node) {
      const [, kh, kw] = input(node, 1).shape;
      return count(output(node)) * kh! * kw!;
    },
  };
}

export const depthwiseConv2d = depthwiseConvolution(FORMS);
