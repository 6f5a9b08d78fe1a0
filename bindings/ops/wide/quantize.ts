import { elementSize } from '../../dtype.js';
import { count, input, type OpNode, output, perTensor, unsupported } from '../../graph/ir.js';
import { quantizeMultiplier } from '../../quantization.js';
import type { Operator } from '../operator.js';
import { quantize as standard } from '../quantize.js';
import { byteBias } from '../shared/convolution.js';
import { widened } from '../shared/widened.js';

/** Which types TFLite turns into which, beyond bytes. */
const FORMS: Partial<Record<string, readonly string[]>> = {
  float32: ['int16'],
  int8: ['int16'],
  uint8: ['int16'],
  int16: ['int8', 'int16', 'int32'],
  int32: ['int8', 'int16'],
};

const STANDARD = ['float32', 'int8', 'uint8'];

const isStandard = (node: OpNode) => STANDARD.includes(input(node, 0).dtype) && elementSize(output(node).dtype) === 1;

const wide: Pick<Operator, 'infer' | 'lower'> = {
  infer(node) {
    const [x, y] = [input(node, 0), output(node)];
    if (!FORMS[x.dtype]?.includes(y.dtype)) throw unsupported(node, `${x.dtype} to ${y.dtype}`);
    perTensor(node, y);
    if (x.dtype !== 'float32') perTensor(node, x);
    return [x.shape];
  },
  lower(node, plan) {
    const [x, y] = [input(node, 0), output(node)];
    const { scale, zeroPoint } = perTensor(node, y);
    if (x.dtype === 'float32') return plan.call('f32_qs16_quantize', [x, y, zeroPoint, scale], count(x));
    const from = perTensor(node, x);
    const { multiplier, shift } = quantizeMultiplier(from.scale / scale);
    const [flipX, flipY] = [byteBias(x.dtype), byteBias(y.dtype)];
    const sizes = [elementSize(x.dtype), elementSize(y.dtype)] as const;
    const zeroPoints = [from.zeroPoint - flipX, zeroPoint - flipY] as const;
    plan.call('qs_requantize', [...sizes, x, y, ...zeroPoints, multiplier, shift, flipX, flipY], count(x));
  },
};

/** With int16 and int32. */
export const quantize: Operator = {
  ...widened(standard, wide, isStandard),
  inPlace: (node) => (elementSize(input(node, 0).dtype) === elementSize(output(node).dtype) ? [0] : []),
};
