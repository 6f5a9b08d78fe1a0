import { count, type OpNode, unsupported, type Value } from '../../graph/ir.js';
import type { Operator, PlanBuilder } from '../operator.js';
import { denseElements } from './sparse.js';

/** Elements of a constant int4 value. */
export function integersOf(plan: PlanBuilder, x: Value): Int8Array {
  const data = plan.read(x) as Uint8Array;
  return Int8Array.from({ length: count(x) }, (_, i) => (data[i >> 1]! << (i & 1 ? 24 : 28)) >> 28);
}

/** Constant sparse or int4 weights (input 1) reach `operator` dense, as int8. */
export function unpackedWeights(operator: Operator): Operator {
  const withWeights = (node: OpNode, plan?: PlanBuilder): OpNode => {
    const w = node.inputs[1];
    if (!w || !(w.sparsity || w.dtype === 'int4')) return node;
    const what = `${w.sparsity ? 'sparse ' : ''}${w.dtype} weights`;
    if (!w.constant || (w.sparsity && w.dtype === 'int4')) {
      throw unsupported(node, w.constant ? what : `${what} that are not constant`);
    }
    const plain: Value = { ...w, dtype: w.dtype === 'int4' ? 'int8' : w.dtype, sparsity: null };
    if (plan) {
      const elements = w.sparsity ? denseElements(node, plan, w) : integersOf(plan, w);
      const id = `unpacked:${w.constant.id}`;
      const bytes = elements.byteLength;
      const address = plan.packed(id, bytes, (to) => plan.bytes(to, bytes).set(new Uint8Array(elements.buffer)));
      plain.constant = { id, address, bytes };
    }
    return { ...node, inputs: node.inputs.map((value, i) => (i === 1 ? plain : value)) };
  };
  return {
    ...operator,
    takesSparse: true,
    infer: (node, known) => operator.infer(withWeights(node), known),
    lower: (node, plan) => operator.lower(withWeights(node, plan), plan),
  };
}
