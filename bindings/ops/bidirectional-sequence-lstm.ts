import { input, invalid, type OpNode, optionalInput } from '../graph/ir.js';
import { type Cell, cellMacs, lowerCell, readCell } from './shared/lstm.js';
import { bidirectional, lowerBoth, recurrent, type Sequences } from './shared/recurrent.js';

function read(node: OpNode): { sequences: Sequences; cells: [Cell, Cell] } {
  if (node.inputs.length !== 48) throw invalid(node, `${node.inputs.length} inputs, expected 48`);
  const sequences = bidirectional(node, input(node, 0), optionalInput(node, 39), !!node.inputs[41]);
  const aux = (weights: number) => sequences.aux && { sequence: sequences.aux, weights };
  return {
    sequences,
    cells: [
      readCell(node, sequences.forward, { weights: 1, state: 35, aux: aux(40) }),
      readCell(node, sequences.backward, { weights: 18, state: 37, aux: aux(44) }),
    ],
  };
}

export const bidirectionalSequenceLstm = recurrent(
  {
    name: 'BIDIRECTIONAL_SEQUENCE_LSTM',
    stateful: true,
    infer(node) {
      const { sequences, cells } = read(node);
      return sequences.shapes(cells[0].outputs, cells[1].outputs);
    },
    lower(node, plan) {
      const [forward, backward] = read(node).cells;
      lowerBoth(node, [forward.outputs, backward.outputs], (i, to) =>
        lowerCell(node, plan, i ? backward : forward, to),
      );
    },
    macs(node) {
      const [forward, backward] = read(node).cells;
      return cellMacs(forward) + cellMacs(backward);
    },
  },
  () => [0, 39],
);
