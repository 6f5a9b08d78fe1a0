import { input, invalid, type OpNode, output } from '../graph/ir.js';
import { type Cell, cellMacs, lowerCell, readCell } from './shared/lstm.js';
import { recurrent, sequence } from './shared/recurrent.js';

function read(node: OpNode): Cell {
  if (node.inputs.length !== 20 && node.inputs.length !== 24)
    throw invalid(node, `${node.inputs.length} inputs, expected 24`);
  return readCell(node, sequence(node, input(node, 0), 3), { weights: 1, state: 18, norm: 20, diagonals: true });
}

export const unidirectionalSequenceLstm = recurrent({
  name: 'UNIDIRECTIONAL_SEQUENCE_LSTM',
  stateful: true,
  infer(node) {
    const { sequence, outputs } = read(node);
    return [[...sequence.x.shape.slice(0, 2), outputs]];
  },
  lower(node, plan) {
    const cell = read(node);
    lowerCell(node, plan, cell, { y: output(node), column: 0, stride: cell.outputs, backward: false });
  },
  macs: (node) => cellMacs(read(node)),
});
