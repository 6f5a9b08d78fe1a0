import { input, invalid, normalizeAxis, output, unsupported } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { splitAt } from './shared/axis.js';

const KERNELS = { float32: 'f32_cumsum', int32: 's32_cumsum', int64: 's64_cumsum' } as const;

export const cumsum: Operator = {
  name: 'CUMSUM',
  infer(node, known) {
    const x = input(node, 0);
    if (!(x.dtype in KERNELS)) throw unsupported(node, `input of type ${x.dtype}`);
    if (output(node).dtype !== x.dtype) throw invalid(node, `output is ${output(node).dtype}, expected ${x.dtype}`);
    normalizeAxis(node, known.values(input(node, 1))[0]!, x.shape.length);
    return [x.shape];
  },
  inPlace: () => [0],
  lower(node, plan) {
    const x = input(node, 0);
    const axis = normalizeAxis(node, plan.values(input(node, 1))[0]!, x.shape.length);
    const { outer, n, inner } = splitAt(x.shape, axis);
    const { exclusive, reverse } = node.options;
    const kernel = KERNELS[x.dtype as keyof typeof KERNELS];
    plan.call(kernel, [x, output(node), n, inner, exclusive ? 1 : 0, reverse ? 1 : 0], outer * inner);
  },
};
