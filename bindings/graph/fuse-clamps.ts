import { activationRange } from '../quantization.js';
import { type OpNode, sameQuantization, type Value } from './ir.js';
import { operatorOf, type RewritePass } from './rewrite.js';

function consumersOf(nodes: readonly OpNode[]): Map<Value, OpNode[]> {
  const consumers = new Map<Value, OpNode[]>();
  for (const node of nodes) {
    for (const value of node.inputs) {
      if (!value) continue;
      const list = consumers.get(value);
      if (list) list.push(node);
      else consumers.set(value, [node]);
    }
  }
  return consumers;
}

/** RELU, RELU6 and RELU_N1_TO_1 become the clamp of the operator before them. */
export const fuseClamps: RewritePass = (nodes, context) => {
  const consumers = consumersOf(nodes);
  const producer = new Map(nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)));
  return nodes.filter((node) => {
    const clamp = operatorOf(node, context)?.clamp;
    const [from, to] = [node.inputs[0], node.outputs[0]];
    if (!clamp || !from || !to || from.dtype !== to.dtype || !sameQuantization(from, to)) return true;
    const source = producer.get(from);
    if (!source || context.kept.has(from) || consumers.get(from)!.length > 1) return true;
    if (!operatorOf(source, context)?.fusesClamp) return true;
    const { fusedActivationFunction: before = 'NONE' } = source.options;
    if (before !== 'NONE' && before !== 'RELU' && before !== clamp) return true;
    if (before === 'RELU' && activationRange(clamp)[0] < 0) return true;
    source.options = { ...source.options, fusedActivationFunction: clamp };
    source.outputs = source.outputs.map((value) => (value === from ? to : value));
    producer.set(to, source);
    return false;
  });
};
