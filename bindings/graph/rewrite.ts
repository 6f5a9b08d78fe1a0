import type { Operator } from '../ops/operator.js';
import { activationRange } from '../quantization.js';
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

const operatorOf = (node: OpNode, context: RewriteContext) => context.operators.get(node.op);

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

/** Drops nodes whose outputs nobody reads. */
export const dropUnused: RewritePass = (nodes, context) => {
  const read = new Set(context.kept);
  const live: OpNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!operatorOf(node, context)?.stateful && !node.outputs.some((value) => read.has(value))) continue;
    for (const value of node.inputs) if (value) read.add(value);
    live.push(node);
  }
  return live.reverse();
};

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

/** In the order in which they run. */
export const REWRITE_PASSES: readonly RewritePass[] = [dropUnused, foldPads, fuseClamps];
