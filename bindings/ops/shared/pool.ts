import { checkShape, input, output, unsupported } from '../../graph/ir.js';
import type { Kernels } from '../../runtime/kernels.js';
import type { Operator } from '../operator.js';
import { floatClamp, quantizedClamp } from './convolution.js';
import { window2d } from './window.js';

type PoolKernel = Extract<keyof Kernels, `${string}pool`>;

/** MAX_POOL_2D, AVERAGE_POOL_2D and L2_POOL_2D: one kernel a dtype, all with the same arguments. */
export function pool(name: string, kernels: Readonly<Record<string, PoolKernel>>): Operator {
  return {
    name,
    fusesClamp: true,

    infer(node) {
      const [x, y] = [input(node, 0), output(node)];
      if (!(x.dtype in kernels) || y.dtype !== x.dtype) throw unsupported(node, `dtypes ${x.dtype} to ${y.dtype}`);
      checkShape(node, x.shape.length === 4, () => `expected an input of rank 4, found [${x.shape}]`);
      const { h, v } = window2d(node, x.shape, node.options.filterHeight, node.options.filterWidth);
      if (x.dtype !== 'float32') quantizedClamp(node, y);
      return [[x.shape[0]!, h.output, v.output, x.shape[3]!]];
    },

    lower(node, plan) {
      const [x, y] = [input(node, 0), output(node)];
      const { h, v } = window2d(node, x.shape, node.options.filterHeight, node.options.filterWidth);
      const limits = x.dtype === 'float32' ? floatClamp(node) : quantizedClamp(node, y);
      const sizes = [h.input, v.input, x.shape[3]!, h.output, v.output, h.kernel, v.kernel] as const;
      const steps = [h.stride, v.stride, h.padBefore, v.padBefore] as const;
      plan.call(kernels[x.dtype]!, [x, y, ...sizes, ...steps, ...limits], x.shape[0]! * h.output);
    },
  };
}
