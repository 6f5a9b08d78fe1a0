import { invalid, type OpNode, type Value } from '../../graph/ir.js';

/** Scales and zero points of a quantized value, one of each a channel (or one at all); zero points may be given once. */
export function channelBlocks(node: OpNode, x: Value): { scale: Float32Array; zeroPoint: Int32Array } {
  const { scale, zeroPoint, axis } = x.quantization ?? {};
  if (!scale?.length) throw invalid(node, `tensor '${x.name}' has no quantization parameters`);
  if (scale.length > 1 && scale.length !== x.shape[axis!]) {
    throw invalid(node, `tensor '${x.name}' has ${scale.length} scales for dimension ${axis} of [${x.shape}]`);
  }
  if (zeroPoint!.length === scale.length) return { scale, zeroPoint: zeroPoint! };
  return { scale, zeroPoint: new Int32Array(scale.length).fill(zeroPoint![0] ?? 0) };
}
