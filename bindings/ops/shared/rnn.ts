// The plain recurrent cell of RNN and its sequence forms: h = act(W x + R h + b), in float or with int8 weights (hybrid).
import { input, invalid, type OpNode, optionalInput, output, unsupported, type Value } from '../../graph/ir.js';
import type { Operator, PlanBuilder } from '../operator.js';
import { past } from './gemm.js';
import {
  activationOf,
  addProducts,
  checkMatrix,
  checkVector,
  hybridFlags,
  inputProducts,
  packGates,
  productScratch,
  recurrent,
  type Sequence,
  sequence,
  stateOf,
  type Target,
  walk,
} from './recurrent.js';

export interface RnnCell {
  readonly sequence: Sequence;
  readonly aux: { readonly sequence: Sequence; readonly weights: Value } | null;
  readonly weights: Value;
  readonly recurrent: Value;
  readonly bias: Value;
  readonly state: Value;
  readonly n: number;
}

/** A cell whose weights, recurrent weights, bias and state are the inputs from `at` on. */
export function readRnn(node: OpNode, sequence: Sequence, at: number, aux: Sequence | null = null, auxAt = 0): RnnCell {
  const [weights, recurrent, bias] = [input(node, at), input(node, at + 1), input(node, at + 2)];
  const n = weights.shape[0]!;
  const auxWeights = aux && optionalInput(node, auxAt);
  if (aux && !auxWeights) throw invalid(node, 'auxiliary weights are incomplete');
  checkMatrix(node, weights, n, sequence.depth);
  checkMatrix(node, recurrent, n, n);
  checkVector(node, bias, n);
  if (aux) checkMatrix(node, auxWeights, n, aux.depth);
  const state = stateOf(node, at + 3, sequence.batch * n);
  const floats = [sequence.x, bias, state, node.outputs[0]!, ...(aux ? [aux.x] : [])];
  const matrices = [weights, recurrent, ...(auxWeights ? [auxWeights] : [])];
  const legal = weights.dtype === 'float32' || weights.dtype === 'int8';
  if (!legal || floats.some((v) => v.dtype !== 'float32') || matrices.some((w) => w.dtype !== weights.dtype)) {
    throw unsupported(node, `input ${sequence.x.dtype} with weights ${weights.dtype}`);
  }
  activationOf(node);
  return { sequence, aux: aux && { sequence: aux, weights: auxWeights! }, weights, recurrent, bias, state, n };
}

export function lowerRnn(node: OpNode, plan: PlanBuilder, cell: RnnCell, to: Target): void {
  const { sequence, aux, weights, recurrent, bias, state, n } = cell;
  const x = inputProducts(plan, node, sequence, [{ w: weights, bias }]);
  const { batch } = sequence;
  if (aux) {
    const more = inputProducts(plan, node, aux.sequence, [{ w: aux.weights }]);
    addProducts(plan, x, more, sequence.steps * batch * n);
  }
  const { first, y, strides } = walk(sequence, to, 4);
  const { flags, limits } = activationOf(node);
  const scratch = plan.scratch(batch * n * 4 + productScratch(batch, n));
  const packed = packGates(plan, node, [{ w: recurrent }]);
  const all = flags | hybridFlags(node, weights);
  plan.call(
    'f32_rnn',
    [n, past(x, first * n * 4), ...packed, state, y, to.stride, scratch, ...strides, all, ...limits],
    batch,
  );
}

export function rnnMacs({ sequence, aux, n }: RnnCell): number {
  return sequence.steps * sequence.batch * n * (sequence.depth + (aux?.sequence.depth ?? 0) + n);
}

/** An operator of one such cell, on an input of `rank`: 3 for sequences, 2 for a step of one. */
export function rnnOperator(name: string, rank: 2 | 3): Operator {
  const read = (node: OpNode) => readRnn(node, sequence(node, input(node, 0), rank), 1);
  return recurrent({
    name,
    stateful: true,
    infer(node) {
      const { sequence, n } = read(node);
      return [[...sequence.x.shape.slice(0, -1), n]];
    },
    lower(node, plan) {
      const cell = read(node);
      lowerRnn(node, plan, cell, { y: output(node), column: 0, stride: cell.n, backward: false });
    },
    macs: (node) => rnnMacs(read(node)),
  });
}
