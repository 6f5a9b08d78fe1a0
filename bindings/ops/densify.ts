import { input, output, unsupported } from '../graph/ir.js';
import { denseElements } from './shared/sparse.js';
import { checkMovable } from './shared/strided-copy.js';
import { typedAs } from './shared/typed.js';

/** Sparse constant weights made dense, at compile time. */
export const densify = typedAs(0, {
  name: 'DENSIFY',
  takesSparse: true,

  infer(node) {
    const x = input(node, 0);
    checkMovable(node, x, output(node));
    if (!x.constant || !x.sparsity) throw unsupported(node, 'an input that is not a sparse constant');
    return [x.shape];
  },

  lower(node, plan) {
    const dense = denseElements(node, plan, input(node, 0));
    if (!dense.length) return;
    plan.call('x8_copy', [plan.constant(dense), output(node)], dense.byteLength);
  },
});
