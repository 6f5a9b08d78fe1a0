import type { DType } from '../../dtype.js';
import { invalid, type OpNode, perTensor, unsupported, type Value } from '../../graph/ir.js';
import { type Activation, activationRange, quantizedActivationRange } from '../../quantization.js';
import type { PlanBuilder } from '../operator.js';

/** The fused activation, which must be a clamp. */
export function fusedClamp(node: OpNode): Activation {
  const activation: Activation = node.options.fusedActivationFunction ?? 'NONE';
  if (activation === 'TANH' || activation === 'SIGN_BIT') throw unsupported(node, `fused activation ${activation}`);
  return activation;
}

export function floatClamp(node: OpNode): [lo: number, hi: number] {
  return activationRange(fusedClamp(node));
}

export function quantizedClamp(node: OpNode, y: Value): [lo: number, hi: number] {
  perTensor(node, y);
  return quantizedActivationRange(fusedClamp(node), y.dtype, y.quantization!);
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
  const product = inFloat ? (s: number) => Math.fround(xScale * s) : (s: number) => xScale * s;
  return Float64Array.from(channelScales(node, w, channels), (s) => product(s) / yScale);
}
