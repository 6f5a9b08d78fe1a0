import { input, type OpNode, output } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { sequence } from './shared/recurrent.js';
import { lowerRnn, readRnn, rnnMacs } from './shared/rnn.js';

const read = (node: OpNode) => readRnn(node, sequence(node, input(node, 0), 3), 1);

export const unidirectionalSequenceRnn: Operator = {
  name: 'UNIDIRECTIONAL_SEQUENCE_RNN',
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
};
