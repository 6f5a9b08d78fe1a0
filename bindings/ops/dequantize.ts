import { elementCount } from '../dtype.js';
import { count, input, output, unsupported } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { channelBlocks } from './shared/channels.js';
import { weightIntegers } from './shared/convolution.js';

export const dequantize: Operator = {
  name: 'DEQUANTIZE',
  infer(node) {
    const x = input(node, 0);
    const y = output(node);
    if (y.dtype !== 'float32') throw unsupported(node, `output of type ${y.dtype}`);
    if (x.dtype !== 'float16' && x.dtype !== 'float32') {
      const eight = x.dtype === 'int8' || x.dtype === 'uint8' || x.dtype === 'int4';
      if (x.dtype === 'int4' && !x.constant) throw unsupported(node, 'int4 that is not constant');
      if (!eight && x.dtype !== 'int16') throw unsupported(node, `input of type ${x.dtype}`);
      const { scale } = channelBlocks(node, x);
      if (!eight && scale.length > 1) throw unsupported(node, 'int16 with scales per channel');
    }
    return [x.shape];
  },
  lower(node, plan) {
    const x = input(node, 0);
    const y = output(node);
    if (x.dtype === 'float32') return plan.copy(y, x, 4 * count(x));
    if (x.dtype === 'float16') return plan.call('f16_f32_convert', [x, y], count(x));
    const { scale, zeroPoint } = channelBlocks(node, x);
    const flip = x.dtype === 'uint8' ? 128 : 0;
    const from = x.dtype === 'int4' ? plan.constant(Int8Array.from(weightIntegers(plan, x, count(x)))) : x;
    if (scale.length > 1) {
      const { axis } = x.quantization!;
      const [zeroPoints, scales] = [plan.constant(zeroPoint.map((z) => z - flip)), plan.constant(scale)];
      const inner = elementCount(x.shape.slice(axis + 1));
      const args = [from, y, zeroPoints, scales, flip, scale.length, inner] as const;
      return plan.call('qs8_f32_dequantize_channels', [...args], inner && count(x) / inner);
    }
    const z = zeroPoint[0]! - flip;
    if (x.dtype === 'int16') plan.call('qs16_f32_dequantize', [x, y, z, scale[0]!], count(x));
    else plan.call('qs8_f32_dequantize', [from, y, z, scale[0]!, flip], count(x));
  },
};
