import type { Operator } from '../ops/operator.js';
import { type Known, type OpNode, sameQuantization, type Value } from './ir.js';

/** What a rewrite pass may look at. */
export interface RewriteContext {
  readonly operators: ReadonlyMap<string, Operator>;
  readonly known: Known;
  /** Values that later segments or the caller read. */
  readonly kept: ReadonlySet<Value>;
}

/** Replaces a node list by an equivalent, cheaper one. Shapes are inferred and stay as they are. */
export type RewritePass = (nodes: readonly OpNode[], context: RewriteContext) => OpNode[];

export const operatorOf = (node: OpNode, context: RewriteContext) => context.operators.get(node.op);

/** Drops nodes whose outputs nobody reads. */
const dropUnused: RewritePass = (nodes, context) => {
  const read = new Set(context.kept);
  const live: OpNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!operatorOf(node, context)?.stateful && !node.outputs.some((value) => read.has(value))) continue;
    for (const value of node.inputs) if (value) read.add(value);
    live.push(node);
  }
  return live.reverse();
};

/** A PAD of height and width with zeros becomes explicit padding of the convolution that reads it. */
export const foldPads: RewritePass = (nodes, context) => {
  const producer = new Map(nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)));
  for (const node of nodes) {
    const padded = node.inputs[0];
    const pad = padded && producer.get(padded);
    if (!pad || node.options.padding !== 'VALID' || !operatorOf(node, context)?.foldsPad) continue;
    const source = pad.inputs[0];
    if (!source || source.dtype !== padded.dtype || !sameQuantization(source, padded)) continue;
    const pads = operatorOf(pad, context)?.pads?.(pad, context.known);
    if (!pads) continue;
    node.options = { ...node.options, padding: 'EXPLICIT', pads };
    node.inputs = node.inputs.map((value, i) => (i === 0 ? source : value));
  }
  return dropUnused(nodes, context);
};

/** Applies the passes that the nodes' operators bring, in the order in which nodes first name them. */
export function rewrite(nodes: readonly OpNode[], context: RewriteContext): OpNode[] {
  let result = dropUnused(nodes, context);
  for (const pass of new Set(result.map((node) => operatorOf(node, context)?.rewrite))) {
    if (pass) result = pass(result, context);
  }
  return result;
}
