import { checkShape, count, invalid, type OpNode, perTensor, unsupported } from '../../graph/ir.js';
import type { PlanBuilder, Shape, Value } from '../operator.js';
import { byteBias, channelScales, convolutionMultipliers, floatClamp, quantizedClamp } from './convolution.js';
import { dynamicQuantize } from './dynamic.js';
import { biasOf, halvesRequantization } from './halves.js';
import { requantization } from './requantize.js';

/** A transposed convolution, whatever operator states it. */
export interface TransposeConvolution {
  readonly x: Value;
  /** OHWI. */
  readonly w: Value;
  readonly bias: Value | null;
  readonly y: Value;
  readonly shape: Shape;
  readonly strides: readonly [h: number, w: number];
  /** What is cut off at the top and left of the full output. */
  readonly cut: readonly [top: number, left: number];
}

const FORMS = new Set([
  'float32,float32,float32,float32',
  'float32,int8,float32,float32',
  'uint8,uint8,int32,uint8',
  'int8,int8,int32,int8',
  'int16,int8,int64,int16',
  'int16,int8,int32,int16',
]);
const BIAS: Record<string, string> = { float32: 'float32', uint8: 'int32', int8: 'int32', int16: 'int64' };

/** Rank and depth of input and filter, before anything is derived from them. */
export function checkFilter(node: OpNode, x: Value, w: Value): void {
  checkShape(node, x.shape.length === 4 && w.shape.length === 4 && x.shape[3] === w.shape[3], () => {
    return `filter [${w.shape}] does not fit input [${x.shape}]`;
  });
}

export function checkTransposeConvolution(node: OpNode, t: TransposeConvolution): void {
  const { x, w, bias, y, shape, strides } = t;
  const channels = w.shape[0]!;
  const form = [x.dtype, w.dtype, bias?.dtype ?? BIAS[x.dtype], y.dtype].join();
  if (!FORMS.has(form)) throw unsupported(node, `dtypes ${form}`);
  if (!strides.every((s, i) => s > 0 && s * x.shape[i + 1]! < 2 ** 30)) {
    throw invalid(node, `strides ${strides} must be positive and small`);
  }
  checkShape(node, shape.length === 4 && shape[0] === x.shape[0] && shape[3] === channels, () => {
    return `output [${shape}] does not fit input [${x.shape}] and ${channels} channels`;
  });
  checkShape(
    node,
    shape.every((d) => d >= 0),
    () => `output [${shape}] has a negative size`,
  );
  checkShape(node, !bias || count(bias) === channels, () => `bias [${bias!.shape}] for ${channels} channels`);
  if (w.dtype === 'float32') return;
  channelScales(node, w, channels);
  if (x.dtype === 'float32') return;
  perTensor(node, x);
  perTensor(node, y);
}

export function lowerTransposeConvolution(node: OpNode, plan: PlanBuilder, t: TransposeConvolution): void {
  const { x, w, bias, y, strides, cut } = t;
  const [batch, oh, ow, oc] = y.shape as [number, number, number, number];
  const [, ih, iw, ic] = x.shape as [number, number, number, number];
  const sizes = [ih, iw, ic, oh, ow, oc, w.shape[1]!, w.shape[2]!, ...strides, ...cut] as const;
  const units = batch * oh;
  const sumsRow = () => plan.scratch(ow * (oc + 3) * 4 + 64);
  if (x.dtype === 'float32') {
    const b = bias ?? plan.constant(new Float32Array(oc));
    if (w.dtype === 'float32') {
      plan.call('f32_transpose_conv', [x, w, b, y, ...sizes, ...floatClamp(node)], units);
      return;
    }
    const { x: bytes, dynamic } = dynamicQuantize(plan, x, batch, ih * iw * ic, true);
    const zeros = plan.constant(new Int32Array(oc));
    const scales = plan.constant(channelScales(node, w, oc));
    const hybrid = [dynamic, b, scales, ...floatClamp(node)] as const;
    plan.call('qd8_f32_transpose_conv', [bytes, w, zeros, y, sumsRow(), ...sizes, ...hybrid], units);
    return;
  }
  const multipliers = convolutionMultipliers(plan, node, x, w, y, oc);
  const [lo, hi] = quantizedClamp(node, y);
  if (x.dtype === 'int16') {
    // Sums have the type of the bias, and without one that of the option.
    const narrow = (bias?.dtype.toUpperCase() ?? node.options.quantizedBiasType) === 'INT32';
    const q = halvesRequantization(plan, multipliers, biasOf(plan, bias), narrow);
    plan.call('qs16_transpose_conv', [x, w, q, y, ...sizes, Number(narrow), lo, hi], units);
    return;
  }
  const flip = byteBias(x.dtype);
  const b = bias ?? plan.constant(new Int32Array(oc));
  const wZero = flip ? perTensor(node, w).zeroPoint - flip : 0;
  const { address, mode } = requantization(plan, multipliers);
  const output = [address, mode, perTensor(node, y).zeroPoint - flip, lo - flip, hi - flip, flip] as const;
  const zeros = [perTensor(node, x).zeroPoint - flip, wZero] as const;
  plan.call('qs8_transpose_conv', [x, w, b, y, sumsRow(), ...sizes, ...zeros, ...output], units);
}
