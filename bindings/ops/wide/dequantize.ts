import { count, input, type OpNode, output, perTensor, unsupported } from '../../graph/ir.js';
import { dequantizeBytes, dequantize as standard } from '../dequantize.js';
import { channelBlocks } from '../shared/channels.js';
import { withHalves } from '../shared/float-halves.js';
import { PACKED, unpackedBits } from '../shared/packed-bits.js';
import { widened } from '../shared/widened.js';

const STANDARD = ['float16', 'float32', 'int8', 'uint8'];

const wide = widened(
  standard,
  {
    infer(node) {
      const x = input(node, 0);
      if (x.dtype === 'int16') {
        if (channelBlocks(node, x).scale.length > 1) throw unsupported(node, 'int16 with scales per channel');
      } else if (PACKED.includes(x.dtype)) {
        channelBlocks(node, x);
      } else {
        throw unsupported(node, `input of type ${x.dtype}`);
      }
      return [x.shape];
    },
    lower(node, plan) {
      const [x, y] = [input(node, 0), output(node)];
      if (PACKED.includes(x.dtype)) return dequantizeBytes(node, plan, unpackedBits(plan, x));
      const { scale, zeroPoint } = perTensor(node, x);
      plan.call('qs16_f32_dequantize', [x, y, zeroPoint, scale], count(x));
    },
  },
  (node) => STANDARD.includes(input(node, 0).dtype),
);

/** Bytes with one scale become float16 where the file says so, which is XNNPACK's doing; TFLite's kernel knows float32 alone. */
const becomesHalf = (node: OpNode) =>
  /^u?int8$/.test(input(node, 0).dtype) && input(node, 0).quantization?.scale.length === 1;

/** With int16 and types of which several elements are in a byte, and to float16. */
export const dequantize = withHalves({
  ...wide,
  infer(node, known) {
    const y = output(node);
    if (y.dtype !== 'float16' || !becomesHalf(node)) y.dtype = 'float32';
    return wide.infer(node, known);
  },
});
