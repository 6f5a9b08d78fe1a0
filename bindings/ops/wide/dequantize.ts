import { count, input, output, perTensor, unsupported } from '../../graph/ir.js';
import { dequantizeBytes, dequantize as standard } from '../dequantize.js';
import { channelBlocks } from '../shared/channels.js';
import { integersOf } from '../shared/unpacked.js';
import { widened } from '../shared/widened.js';

const STANDARD = ['float16', 'float32', 'int8', 'uint8'];

/** With int16 and constant int4. */
export const dequantize = widened(
  standard,
  {
    infer(node) {
      const [x, y] = [input(node, 0), output(node)];
      if (y.dtype !== 'float32') throw unsupported(node, `output of type ${y.dtype}`);
      if (x.dtype === 'int16') {
        if (channelBlocks(node, x).scale.length > 1) throw unsupported(node, 'int16 with scales per channel');
      } else if (x.dtype === 'int4') {
        channelBlocks(node, x);
        if (!x.constant) throw unsupported(node, 'int4 that is not constant');
      } else {
        throw unsupported(node, `input of type ${x.dtype}`);
      }
      return [x.shape];
    },
    lower(node, plan) {
      const [x, y] = [input(node, 0), output(node)];
      if (x.dtype === 'int4') return dequantizeBytes(node, plan, plan.constant(integersOf(plan, x)));
      const { scale, zeroPoint } = perTensor(node, x);
      plan.call('qs16_f32_dequantize', [x, y, zeroPoint, scale], count(x));
    },
  },
  (node) => STANDARD.includes(input(node, 0).dtype),
);
