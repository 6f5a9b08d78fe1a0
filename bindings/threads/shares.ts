// How much of a plan is worth sharing out, and in which shares.
import type { Instruction, Plan } from '../graph/compile.js';
import { count, type OpNode } from '../graph/ir.js';
import type { Operator } from '../ops/operator.js';

/** The least that a thread should get: about half a microsecond's work, twice the cost of handing it out. */
const GRAIN = 8192;
/** Multiply-adds that take about as long as reading or writing an element. */
const PER_ELEMENT = 4;

/** Work of a node in multiply-adds. */
function workOf(node: OpNode, operators: ReadonlyMap<string, Operator>): number {
  let elements = 0;
  for (const value of [...node.inputs, ...node.outputs]) if (value && !value.constant) elements += count(value);
  return (operators.get(node.op)?.macs?.(node) ?? 0) + PER_ELEMENT * elements;
}

/** Work of each instruction; what a node does is taken to be the same in all of its own. */
export function estimateWork({ instructions, operators }: Plan): number[] {
  const calls = new Map<OpNode, number>();
  for (const { node } of instructions) calls.set(node, (calls.get(node) ?? 0) + 1);
  return instructions.map(({ node }) => workOf(node, operators) / calls.get(node)!);
}

/**
 * Where the shares of an instruction begin, and its end. Where it takes long, each thread's first share is three quarters of
 * what it would get of an even split, and the rest goes in smaller ones to who is free. Kernels like whole tiles, so shares
 * are even where they can be.
 */
export function sharesOf({ units }: Pick<Instruction, 'units'>, work: number, threads: number): number[] {
  const most = Math.min(units, Math.floor(work / GRAIN));
  if (most < 2) return [0, units];
  const large = Math.min(most, threads);
  const small = work >= 2 ** 19 * threads && most >= 4 * threads ? threads : 0;
  const weights = [...Array(large).fill(small ? 3 : 1), ...Array(small).fill(1)];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let tile = 1;
  while (tile < 64 && units / total >= 4 * tile) tile *= 2;
  const starts = [0];
  let sum = 0;
  for (const weight of weights) {
    sum += weight;
    const end = sum === total ? units : Math.round((units * sum) / total / tile) * tile;
    if (end > starts.at(-1)!) starts.push(end);
  }
  return starts;
}
