import { count, input, invalid, output, unsupported } from '../graph/ir.js';
import { typedAs } from './shared/typed.js';

const KERNELS = {
  float32: 'f32_bucketize',
  float64: 'f64_bucketize',
  int32: 's32_bucketize',
  int64: 's64_bucketize',
} as const;

/** How many of the sorted boundaries are at most the element. */
export const bucketize = typedAs('int32', {
  name: 'BUCKETIZE',
  infer(node) {
    const [x, y] = [input(node, 0), output(node)];
    const boundaries: number[] = node.options.boundaries ?? [];
    if (!(x.dtype in KERNELS)) throw unsupported(node, `input of type ${x.dtype}`);
    if (y.dtype !== 'int32') throw invalid(node, `output is ${y.dtype}, expected int32`);
    if (boundaries.some((b, i) => b < boundaries[i - 1]!)) throw invalid(node, 'boundaries are not sorted');
    return [x.shape];
  },
  lower(node, plan) {
    const x = input(node, 0);
    const boundaries = Float32Array.from(node.options.boundaries ?? []);
    const kernel = KERNELS[x.dtype as keyof typeof KERNELS];
    plan.call(kernel, [x, output(node), plan.constant(boundaries), boundaries.length], count(x));
  },
});
