import { elementBits, elementCount, elementSize } from '../../dtype.js';
import { count, input, type OpNode, output, perTensor, unsupported, type Value } from '../../graph/ir.js';
import { quantizeMultiplier } from '../../quantization.js';
import type { Operator, PlanBuilder } from '../operator.js';
import { quantize as standard } from '../quantize.js';
import { channelBlocks } from '../shared/channels.js';
import { converted } from '../shared/convert.js';
import { byteBias } from '../shared/convolution.js';
import { PACKED, packBits } from '../shared/packed-bits.js';
import { widened } from '../shared/widened.js';

/** Which types TFLite turns into which, beyond bytes. */
const FORMS: Partial<Record<string, readonly string[]>> = {
  float32: ['int8', 'uint8', 'int16', 'int4', 'uint4'],
  int8: ['int16'],
  uint8: ['int16'],
  int16: ['int8', 'int16', 'int32'],
  int32: ['int8', 'int16'],
  float16: ['int8', 'uint8'],
};

const STANDARD = ['float32', 'int8', 'uint8'];

const BYTES = ['int8', 'uint8'];
const scalesOf = ({ quantization }: Value) => quantization?.scale.length ?? 0;

function isStandard(node: OpNode): boolean {
  const [x, y] = [input(node, 0), output(node)];
  return STANDARD.includes(x.dtype) && BYTES.includes(y.dtype) && !(x.dtype === 'float32' && scalesOf(y) > 1);
}

/** Each channel by its own scale. */
function lowerChannels(node: OpNode, plan: PlanBuilder): void {
  const [x, y] = [input(node, 0), output(node)];
  const { scale, zeroPoint } = channelBlocks(node, y);
  const inner = elementCount(y.shape.slice(y.quantization!.axis + 1));
  const rows = inner && count(y) / inner;
  const flip = byteBias(y.dtype);
  const blocks = [plan.constant(zeroPoint.map((z) => z - flip)), plan.constant(scale)] as const;
  if (y.dtype === 'int16') plan.call('f32_qs16_quantize_channels', [x, y, ...blocks, scale.length, inner], rows);
  else plan.call('f32_qs8_quantize_channels', [x, y, ...blocks, flip, 1, scale.length, inner], rows);
}

const wide: Pick<Operator, 'infer' | 'lower'> = {
  infer(node) {
    const [x, y] = [input(node, 0), output(node)];
    if (!FORMS[x.dtype]?.includes(y.dtype)) throw unsupported(node, `${x.dtype} to ${y.dtype}`);
    if (x.dtype === 'float32' && scalesOf(y) > 1 && elementBits(y.dtype) >= 8) channelBlocks(node, y);
    else perTensor(node, y);
    if (!x.dtype.startsWith('float')) perTensor(node, x);
    return [x.shape];
  },
  lower(node, plan) {
    const [x, y] = [input(node, 0), output(node)];
    if (scalesOf(y) > 1) return lowerChannels(node, plan);
    const { scale, zeroPoint } = perTensor(node, y);
    if (PACKED.includes(y.dtype)) {
      const bytes = plan.temporary(count(x));
      plan.call('f32_qs8_quantize', [x, bytes, zeroPoint, scale, 0, 1], count(x));
      return packBits(plan, bytes, y);
    }
    if (x.dtype === 'float32') return plan.call('f32_qs16_quantize', [x, y, zeroPoint, scale], count(x));
    if (x.dtype === 'float16') {
      // XNNPACK alone takes halves, and rounds to even.
      const flip = byteBias(y.dtype);
      const floats = converted(plan, x, 'float32');
      return plan.call('f32_qs8_quantize', [floats, y, zeroPoint - flip, scale, flip, 0], count(x));
    }
    const from = perTensor(node, x);
    const { multiplier, shift } = quantizeMultiplier(from.scale / scale);
    const [flipX, flipY] = [byteBias(x.dtype), byteBias(y.dtype)];
    const sizes = [elementSize(x.dtype), elementSize(y.dtype)] as const;
    const zeroPoints = [from.zeroPoint - flipX, zeroPoint - flipY] as const;
    plan.call('qs_requantize', [...sizes, x, y, ...zeroPoints, multiplier, shift, flipX, flipY], count(x));
  },
};

/** With int16 and int32, 4 bits, halves, and scales per channel. */
export const quantize: Operator = {
  ...widened(standard, wide, isStandard),
  inPlace: (node) => (elementBits(input(node, 0).dtype) === elementBits(output(node).dtype) ? [0] : []),
};
