import { input, invalid, type Known, normalizeAxis, type OpNode, output, unsupported } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { type AxisSplit, splitAt } from './axis.js';
import { typedByOption } from './typed.js';

const KERNELS = {
  float32: 'f32_argmax',
  int32: 's32_argmax',
  int8: 's8_argmax',
  uint8: 'u8_argmax',
  bool: 'u8_argmax',
} as const;

function axisOf(node: OpNode, known: Known): number {
  return normalizeAxis(node, known.values(input(node, 1))[0]!, input(node, 0).shape.length);
}

/** ARG_MAX (sign 1) and ARG_MIN (sign -1). */
export function argReduction(name: string, sign: 1 | -1): Operator {
  return typedByOption('outputType', {
    name,
    infer(node, known) {
      const { dtype, shape } = input(node, 0);
      const y = output(node);
      if (!(dtype in KERNELS)) throw unsupported(node, `input of type ${dtype}`);
      if (y.dtype !== 'int32' && y.dtype !== 'int64')
        throw invalid(node, `output is ${y.dtype}, expected int32 or int64`);
      const axis = axisOf(node, known);
      if (shape[axis] === 0) throw invalid(node, `axis ${axis} is empty`);
      return [shape.filter((_, i) => i !== axis)];
    },
    lower(node, plan) {
      const x = input(node, 0);
      const y = output(node);
      const { outer, n, inner }: AxisSplit = splitAt(x.shape, axisOf(node, plan));
      const kernel = KERNELS[x.dtype as keyof typeof KERNELS];
      plan.call(kernel, [x, y, n, inner, sign, y.dtype === 'int64' ? 1 : 0], outer * inner);
    },
  });
}
