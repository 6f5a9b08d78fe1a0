import { count, input, output, perTensor, unsupported } from '../graph/ir.js';
import { multiplyByQuantizedMultiplier, quantizeMultiplier } from '../quantization.js';
import type { Operator } from './operator.js';
import { byteBias } from './shared/convolution.js';
import { lowerTable, tableKey } from './shared/look-up.js';

export const quantize: Operator = {
  name: 'QUANTIZE',
  infer(node) {
    const [x, y] = [input(node, 0), output(node)];
    const isByte = (dtype: string) => dtype === 'int8' || dtype === 'uint8';
    if (!isByte(y.dtype) || !(x.dtype === 'float32' || isByte(x.dtype))) {
      throw unsupported(node, `${x.dtype} to ${y.dtype}`);
    }
    perTensor(node, y);
    if (x.dtype !== 'float32') perTensor(node, x);
    return [x.shape];
  },
  inPlace: () => [0],
  lower(node, plan) {
    const [x, y] = [input(node, 0), output(node)];
    const { scale, zeroPoint } = perTensor(node, y);
    if (x.dtype === 'float32') {
      const flip = byteBias(y.dtype);
      const exact = plan.arithmetic === 'exact' ? 1 : 0;
      return plan.call('f32_qs8_quantize', [x, y, zeroPoint - flip, scale, flip, exact], count(x));
    }
    const from = perTensor(node, x);
    const { multiplier, shift } = quantizeMultiplier(from.scale / scale);
    lowerTable(plan, x, y, tableKey(node, x, y), (q) => {
      return multiplyByQuantizedMultiplier(q - from.zeroPoint, multiplier, shift) + zeroPoint;
    });
  },
};
