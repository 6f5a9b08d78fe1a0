import { input, invalid, type OpNode, optionalInput } from '../graph/ir.js';
import { bidirectional, lowerBoth, recurrent, type Sequences } from './shared/recurrent.js';
import { lowerRnn, type RnnCell, readRnn, rnnMacs } from './shared/rnn.js';

function read(node: OpNode): { sequences: Sequences; cells: [RnnCell, RnnCell] } {
  if (node.inputs.length !== 12) throw invalid(node, `${node.inputs.length} inputs, expected 12`);
  const sequences = bidirectional(node, input(node, 0), optionalInput(node, 9), !!node.inputs[10]);
  return {
    sequences,
    cells: [
      readRnn(node, sequences.forward, 1, sequences.aux, 10),
      readRnn(node, sequences.backward, 5, sequences.aux, 11),
    ],
  };
}

export const bidirectionalSequenceRnn = recurrent(
  {
    name: 'BIDIRECTIONAL_SEQUENCE_RNN',
    stateful: true,
    infer(node) {
      const { sequences, cells } = read(node);
      return sequences.shapes(cells[0].n, cells[1].n);
    },
    lower(node, plan) {
      const { cells } = read(node);
      lowerBoth(node, [cells[0].n, cells[1].n], (i, to) => lowerRnn(node, plan, cells[i], to));
    },
    macs(node) {
      const { cells } = read(node);
      return rnnMacs(cells[0]) + rnnMacs(cells[1]);
    },
  },
  () => [0, 9],
);
