import { elementSize } from '../dtype.js';
import { count, input, output, perTensor, unsupported } from '../graph/ir.js';
import { multiplyByQuantizedMultiplier, quantizeMultiplier } from '../quantization.js';
import type { Operator } from './operator.js';
import { lowerTable, tableKey } from './shared/look-up.js';

/** Which quantized types TFLite turns into which. */
const REQUANTIZED: Partial<Record<string, readonly string[]>> = {
  int8: ['int8', 'uint8', 'int16'],
  uint8: ['int8', 'uint8', 'int16'],
  int16: ['int8', 'int16', 'int32'],
  int32: ['int8', 'int16'],
};

const flipOf = (dtype: string) => (dtype === 'uint8' ? 128 : 0);

export const quantize: Operator = {
  name: 'QUANTIZE',
  infer(node) {
    const x = input(node, 0);
    const y = output(node);
    const from = x.dtype === 'float32' ? ['int8', 'uint8', 'int16'] : (REQUANTIZED[x.dtype] ?? []);
    if (!from.includes(y.dtype)) throw unsupported(node, `${x.dtype} to ${y.dtype}`);
    perTensor(node, y);
    if (x.dtype !== 'float32') perTensor(node, x);
    return [x.shape];
  },
  inPlace: (node) => (elementSize(input(node, 0).dtype) === elementSize(output(node).dtype) ? [0] : []),
  lower(node, plan) {
    const x = input(node, 0);
    const y = output(node);
    const { scale, zeroPoint } = perTensor(node, y);
    if (x.dtype === 'float32') {
      if (y.dtype === 'int16') return plan.call('f32_qs16_quantize', [x, y, zeroPoint, scale], count(x));
      const exact = plan.arithmetic === 'exact' ? 1 : 0;
      const flip = flipOf(y.dtype);
      return plan.call('f32_qs8_quantize', [x, y, zeroPoint - flip, scale, flip, exact], count(x));
    }
    const from = perTensor(node, x);
    const { multiplier, shift } = quantizeMultiplier(from.scale / scale);
    const [bytesX, bytesY] = [elementSize(x.dtype), elementSize(y.dtype)];
    if (bytesX === 1 && bytesY === 1) {
      return lowerTable(plan, x, y, tableKey(node, x, y), (q) => {
        return multiplyByQuantizedMultiplier(q - from.zeroPoint, multiplier, shift) + zeroPoint;
      });
    }
    const [flipX, flipY] = [flipOf(x.dtype), flipOf(y.dtype)];
    plan.call(
      'qs_requantize',
      [bytesX, bytesY, x, y, from.zeroPoint - flipX, zeroPoint - flipY, multiplier, shift, flipX, flipY],
      count(x),
    );
  },
};
