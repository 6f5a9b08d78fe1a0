import type { DType } from '../../dtype.js';
import { BYTES, FLOATS } from '../../features.js';
import { invalid, type OpNode, perTensor, unsupported, type Value } from '../../graph/ir.js';
import { type Activation, activationRange, quantizedActivationRange } from '../../quantization.js';
import type { PlanBuilder } from '../operator.js';

const activationOf = (node: OpNode): Activation => node.options.fusedActivationFunction ?? 'NONE';

/** Limits of the fused activation. Any but a clamp is none, as in TFLite's kernels. */
export const floatClamp = (node: OpNode): [lo: number, hi: number] => activationRange(activationOf(node));

/** Without an activation, all that the type has: bytes that are not quantized may be pooled. */
export function quantizedClamp(node: OpNode, y: Value): [lo: number, hi: number] {
  const activation = activationOf(node);
  if (activation !== 'NONE') perTensor(node, y);
  return quantizedActivationRange(activation, y.dtype, y.quantization);
}

/** Kernels see uint8 as int8: what to take off zero points and limits, and what to flip in the stored bytes. */
export function byteBias(dtype: DType): 0 | 128 {
  return dtype === 'uint8' ? 128 : 0;
}

/** Weight scales, one a channel; they may be given per tensor. */
export function channelScales(node: OpNode, w: Value, channels: number): Float32Array {
  const scale = w.quantization?.scale;
  if (!scale || (scale.length !== 1 && scale.length !== channels)) {
    throw invalid(node, `${scale?.length ?? 0} weight scales for ${channels} channels`);
  }
  return scale.length === channels ? scale : new Float32Array(channels).fill(scale[0]!);
}

/**
 * Real multipliers of a convolution's accumulators, one a channel. TFLite multiplies the scales as doubles, but for uint8
 * rounds the product of input and weight scale to float32 (GetQuantizedConvolutionMultipler). XNNPACK, which `fast` follows,
 * computes in float32 throughout.
 */
export function convolutionMultipliers(
  plan: PlanBuilder,
  node: OpNode,
  x: Value,
  w: Value,
  y: Value,
  channels: number,
): Float64Array {
  const xScale = perTensor(node, x).scale;
  const yScale = perTensor(node, y).scale;
  const inFloat = x.dtype === 'uint8' || (x.dtype === 'int8' && plan.arithmetic === 'fast');
  return realMultipliers(xScale, channelScales(node, w, channels), yScale, inFloat);
}

/** x * scale / y for all scales; `inFloat` rounds the product to float32 first. */
export function realMultipliers(x: number, scales: Float32Array, y: number, inFloat: boolean): Float64Array {
  const multipliers = new Float64Array(scales.length);
  // A plain loop: engines compile it while it runs, unlike the callbacks of `from` and `map`.
  for (let i = 0; i < scales.length; i++) {
    const product = x * scales[i]!;
    multipliers[i] = (inFloat ? Math.fround(product) : product) / y;
  }
  return multipliers;
}

/** How a product is computed for one combination of types. `G` is what its operator knows of it. */
export interface Form<G> {
  /** Types that the bias may have. */
  readonly bias: readonly DType[];
  lower(node: OpNode, plan: PlanBuilder, g: G): void;
}

/** Forms by types of input, weights and output. */
export type Forms<G> = Readonly<Record<string, Form<G>>>;

type Lower<G> = Form<G>['lower'];

export function standardForms<G>(float: Lower<G>, quantized: Lower<G>): Forms<G> {
  return {
    ...(FLOATS && { 'float32,float32,float32': { bias: ['float32'], lower: float } }),
    ...(BYTES && {
      'uint8,uint8,uint8': { bias: ['int32'], lower: quantized },
      'int8,int8,int8': { bias: ['int32'], lower: quantized },
    }),
  };
}

interface Operands {
  readonly x: Value;
  readonly w: Value;
  readonly bias: Value | null;
  readonly y: Value;
}

/** The form that the operands' types name, once they are known to have what it takes. */
export function formOf<G>(node: OpNode, forms: Forms<G>, { x, w, bias, y }: Operands, channels: number): Form<G> {
  const types = [x.dtype, w.dtype, y.dtype].join();
  const form = forms[types];
  if (!form?.bias.includes(bias?.dtype ?? form.bias[0]!)) {
    throw unsupported(node, `dtypes ${types}${bias ? ` with bias ${bias.dtype}` : ''}`);
  }
  if (w.dtype !== 'float32') {
    channelScales(node, w, channels);
    if (x.dtype !== 'float32') for (const v of [x, y]) perTensor(node, v);
  }
  return form;
}

/** Throws for parameters that only constants can give. */
export function requireConstant(node: OpNode, value: Value | null, what: string): void {
  if (value && !value.constant) throw unsupported(node, `${what} that is not constant`);
}
