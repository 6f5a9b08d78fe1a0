import { badShape, checkShape, count, input, type OpNode, optionalInput, output, perTensor } from '../graph/ir.js';
import type { Operator, PlanBuilder, Shape, Value } from './operator.js';
import {
  byteBias,
  convolutionMultipliers,
  type Forms,
  floatClamp,
  formOf,
  quantizedClamp,
  standardForms,
} from './shared/convolution.js';
import {
  type Activations,
  type Bytes,
  bytesEpilogue,
  bytesProduct,
  dotOperand,
  type Epilogue,
  floatProduct,
  packBytes,
  packFloats,
  panelScratch,
  productBytes,
  type Weights,
} from './shared/gemm.js';
import { inOneRow, type Window2d, window2d } from './shared/window.js';

export interface Geometry extends Window2d {
  readonly x: Value;
  readonly y: Value;
  readonly weights: Weights & { readonly groups: number };
  readonly batch: number;
  /** Input and output channels. */
  readonly c: number;
  readonly oc: number;
}

function geometry(node: OpNode): Geometry {
  const [x, filter, bias, y] = [input(node, 0), input(node, 1), optionalInput(node, 2), output(node)];
  checkShape(node, x.shape.length === 4 && filter.shape.length === 4, () => {
    return `expected an input and a filter of rank 4, found [${x.shape}] and [${filter.shape}]`;
  });
  const [batch, , , c] = x.shape as [number, number, number, number];
  const [oc, kh, kw, depth] = filter.shape as [number, number, number, number];
  const groups = c / depth;
  if (!Number.isInteger(groups)) throw badShape(node, `filter depth ${depth} does not divide input depth ${c}`);
  checkShape(node, oc % groups === 0, () => `${groups} groups do not divide ${oc} output channels`);
  checkShape(node, !bias || count(bias) === oc, () => `bias [${bias!.shape}] for ${oc} channels`);
  const weights = { w: filter, bias, groups, n: oc / groups, k: kh * kw * depth };
  return { x, y, weights, ...window2d(node, x.shape, kh, kw), batch, c, oc };
}

/** Rows of the matrix that the input is as it lies in memory, or 0 where pixels must be gathered. */
export function rowsInPlace({ h, v, batch, weights }: Geometry): number {
  if (weights.groups !== 1) return 0;
  const axes = [h, v];
  const untouched = axes.every((a) => a.kernel === 1 && a.stride === 1 && a.padBefore === 0 && a.output === a.input);
  if (untouched) return batch * h.output * v.output;
  const whole = axes.every((a) => a.kernel === a.input && a.dilation === 1 && a.padBefore === 0 && a.output === 1);
  return whole ? batch : 0;
}

/** Kernel arguments from the input's height to the leading padding. */
export function windowArgs({ h, v, c, oc, weights }: Geometry) {
  return [
    ...([h.input, v.input, c, h.output, v.output, oc, weights.groups, h.kernel, v.kernel] as const),
    ...([h.stride, v.stride, h.dilation, v.dilation, h.padBefore, v.padBefore] as const),
  ] as const;
}

/** Output pixels gathered at a time: as many as `bytes` of the second-level cache hold beside the weights. */
const blockOf = (rowBytes: number, bytes: number) => Math.min(64, Math.max(8, Math.floor(bytes / rowBytes) & ~3));

function lowerFloat(node: OpNode, plan: PlanBuilder, g: Geometry): void {
  const clamp = floatClamp(node);
  const rows = rowsInPlace(g);
  if (rows) {
    floatProduct(plan, rows, g.x, g.weights, g.y, clamp);
    return;
  }
  const rowBytes = g.weights.k * 4;
  // Tiles have six rows, or two or four.
  const block = Math.min(60, Math.max(12, Math.floor(131072 / 12 / rowBytes) * 12));
  const scratch = plan.scratch(block * rowBytes + 32);
  const args = [g.x, packFloats(plan, g.weights), g.y, scratch, block, ...windowArgs(g), ...clamp] as const;
  plan.call('f32_conv2d', [...args], count(g.y) / g.oc);
}

/** Bytes of an image's lines that stay in the first-level cache. */
const STRIP = 24576;

export function lowerBytes(
  plan: PlanBuilder,
  g: Geometry,
  from: Activations,
  bytes: Bytes,
  w: Geometry['weights'],
  epilogue: Epilogue,
) {
  const rows = rowsInPlace(g);
  // Rows of one image share what dynamic quantization found.
  const shared = g.batch === 1 && rows >= 8;
  if (rows && (!from.dynamic || rows === g.batch || shared)) {
    bytesProduct(plan, rows, { ...from, shared }, w, bytes, g.y, epilogue);
    return;
  }
  const dot = dotOperand(plan, from);
  const { flip, zeroPoint } = dot ?? from;
  const { h, v } = g;
  // Where gathering takes long beside the product, relaxed dot products read windows in lines of the image.
  const lines =
    dot && !bytes.zeroPoint && w.groups === 1 && v.dilation === 1 && v.kernel > 1 && h.output > 1 && g.oc <= 48;
  const rowBytes = productBytes(w.k, dot);
  const panel = panelScratch(plan, w, dot);
  // What a panel takes to be widened wants many rows.
  const block = blockOf(rowBytes, panel ? 1 << 19 : 1 << 17);
  const least = ((h.kernel - 1) * h.dilation + 1) * ((v.output - 1) * v.stride + v.kernel) * g.c;
  const space = lines ? Math.max(STRIP, least) : block * rowBytes;
  const packed = packBytes(plan, lines ? { ...w, runs: h.kernel } : w, bytes, from, dot);
  const input = [from.x, flip, zeroPoint, from.dynamic, packed, panel, g.y, plan.scratch(space + 96)] as const;
  const args = [...input, lines ? space : block, ...windowArgs(g), ...epilogue] as const;
  const kernel = lines ? 'qs8_conv2d_strip_c4' : dot ? 'qs8_conv2d_c4' : 'qs8_conv2d';
  plan.call(kernel, [...args], lines ? g.batch * h.output : count(g.y) / g.oc);
}

function lowerQuantized(node: OpNode, plan: PlanBuilder, g: Geometry): void {
  const { x, y, weights, oc } = g;
  const flip = byteBias(x.dtype);
  const from = { x, flip, zeroPoint: perTensor(node, x).zeroPoint - flip, dynamic: 0 };
  const bytes = { flip, zeroPoint: flip ? perTensor(node, weights.w).zeroPoint - flip : 0 };
  const multipliers = convolutionMultipliers(plan, node, x, weights.w, y, oc);
  // Convolutions in groups go through TFLite's reference kernel.
  const rounding = x.dtype === 'int8' && weights.groups === 1 ? 'once' : 'twice';
  const { zeroPoint } = perTensor(node, y);
  const limits = quantizedClamp(node, y);
  const epilogue = bytesEpilogue(plan, weights, multipliers, rounding, y.dtype, zeroPoint, limits);
  lowerBytes(plan, g, from, bytes, weights, epilogue);
}

export const FORMS = standardForms(lowerFloat, lowerQuantized);

const formFor = (node: OpNode, forms: Forms<Geometry>, g: Geometry) =>
  formOf(node, forms, { ...g, ...g.weights }, g.oc);

export function convolution(forms: Forms<Geometry>): Operator {
  return {
    name: 'CONV_2D',
    fusesClamp: true,
    foldsPad: true,

    infer(node): Shape[] {
      const g = geometry(node);
      formFor(node, forms, g);
      const { h, v, batch, oc } = g;
      return [[batch, h.output, v.output, oc]];
    },

    lower(node, plan) {
      const g = geometry(node);
      formFor(node, forms, g).lower(node, plan, inOneRow(g));
    },

    macs(node) {
      const { weights, y } = geometry(node);
      return count(y) * weights.k;
    },
  };
}

export const conv2d = convolution(FORMS);
