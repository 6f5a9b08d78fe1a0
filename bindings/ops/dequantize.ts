import { elementCount } from '../dtype.js';
import { count, input, type OpNode, output, unsupported } from '../graph/ir.js';
import type { Arg, Operator, PlanBuilder } from './operator.js';
import { channelBlocks } from './shared/channels.js';

/** Bytes at `from`, which stand for the node's input, to its output. */
export function dequantizeBytes(node: OpNode, plan: PlanBuilder, from: Arg): void {
  const [x, y] = [input(node, 0), output(node)];
  const { scale, zeroPoint } = channelBlocks(node, x);
  const flip = x.dtype === 'uint8' ? 128 : 0;
  if (scale.length === 1) {
    plan.call('qs8_f32_dequantize', [from, y, zeroPoint[0]! - flip, scale[0]!, flip], count(x));
    return;
  }
  const [zeroPoints, scales] = [plan.constant(zeroPoint.map((z) => z - flip)), plan.constant(scale)];
  const inner = elementCount(x.shape.slice(x.quantization!.axis + 1));
  const args = [from, y, zeroPoints, scales, flip, scale.length, inner] as const;
  plan.call('qs8_f32_dequantize_channels', [...args], inner && count(x) / inner);
}

export const dequantize: Operator = {
  name: 'DEQUANTIZE',
  infer(node) {
    const [x, y] = [input(node, 0), output(node)];
    if (y.dtype !== 'float32') throw unsupported(node, `output of type ${y.dtype}`);
    if (x.dtype === 'int8' || x.dtype === 'uint8') channelBlocks(node, x);
    else if (x.dtype !== 'float16' && x.dtype !== 'float32') throw unsupported(node, `input of type ${x.dtype}`);
    return [x.shape];
  },
  lower(node, plan) {
    const [x, y] = [input(node, 0), output(node)];
    if (x.dtype === 'float32') plan.copy(y, x, 4 * count(x));
    else if (x.dtype === 'float16') plan.call('f16_f32_convert', [x, y], count(x));
    else dequantizeBytes(node, plan, x);
  },
};
