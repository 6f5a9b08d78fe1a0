import { badShape, count, input, invalid, type Known, type OpNode, output, unsupported } from '../graph/ir.js';
import { lastAxis } from './shared/axis.js';
import { convert } from './shared/convert.js';
import { vector } from './shared/strided-copy.js';
import { typedAs } from './shared/typed.js';

const KERNELS = {
  float32: 'f32_topk',
  int32: 's32_topk',
  int64: 's64_topk',
  int16: 's16_topk',
  int8: 's8_topk',
  uint8: 'u8_topk',
} as const;

function countToKeep(node: OpNode, known: Known): number {
  return Math.max(0, vector(node, known, 1, 1)[0]!);
}

export const topkV2 = typedAs(0, {
  name: 'TOPK_V2',
  infer(node, known) {
    const x = input(node, 0);
    if (!(x.dtype in KERNELS)) throw unsupported(node, `input of type ${x.dtype}`);
    if (output(node).dtype !== x.dtype) throw invalid(node, `output is ${output(node).dtype}, expected ${x.dtype}`);
    const { dtype } = output(node, 1);
    if (dtype !== 'int32' && dtype !== 'int16') throw unsupported(node, `indices of type ${dtype}`);
    const k = countToKeep(node, known);
    const { channels } = lastAxis(node, x.shape);
    if (k > channels) throw badShape(node, `k is ${k}, but rows have ${channels} elements`);
    if (dtype === 'int16' && channels > 32767) throw unsupported(node, `int16 indices of ${channels} elements`);
    const shape = [...x.shape.slice(0, -1), k];
    return [shape, shape];
  },
  lower(node, plan) {
    const x = input(node, 0);
    const k = countToKeep(node, plan);
    const { rows, channels } = lastAxis(node, x.shape);
    if (k === 0) return;
    const kernel = KERNELS[x.dtype as keyof typeof KERNELS];
    const indices = output(node, 1);
    const wide = indices.dtype === 'int16' ? plan.temporary(4 * count(indices)) : indices;
    plan.call(kernel, [x, output(node, 0), wide, channels, channels, k], rows);
    if (wide !== indices) convert(plan, wide, 'int32', indices, 'int16', count(indices));
  },
});
