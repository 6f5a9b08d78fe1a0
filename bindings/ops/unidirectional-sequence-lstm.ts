import { input, invalid, type OpNode, output, unsupported, type Value } from '../graph/ir.js';
import type { Operator, PlanBuilder } from './operator.js';
import { type Cell, cellMacs, lowerCell, readCell } from './shared/lstm.js';
import { recurrent, sequence } from './shared/recurrent.js';

function read(node: OpNode): Cell {
  if (node.inputs.length !== 20 && node.inputs.length !== 24)
    throw invalid(node, `${node.inputs.length} inputs, expected 24`);
  return readCell(node, sequence(node, input(node, 0), 3), { weights: 1, state: 18, norm: 20 });
}

/** Recurrent weights may be vectors, the diagonals of matrices that are zero elsewhere; `operator` gets the matrices. */
function withMatrices(operator: Operator): Operator {
  const matrix = (node: OpNode, w: Value, plan?: PlanBuilder): Value => {
    if (w.dtype !== 'float32') throw unsupported(node, `a diagonal of type ${w.dtype}`);
    const [n] = w.shape as [number];
    const bytes = 4 * n * n;
    const id = `diagonal:${w.constant!.id}`;
    const fill = (to: number) => {
      const rows = new Float32Array(n * n);
      for (const [i, x] of (plan!.read(w) as Float32Array).entries()) rows[i * n + i] = x;
      plan!.bytes(to, bytes).set(new Uint8Array(rows.buffer));
    };
    const constant = plan ? { id, address: plan.packed(id, bytes, fill), bytes } : w.constant;
    return { ...w, shape: [n, n], constant };
  };
  const whole = (node: OpNode, plan?: PlanBuilder): OpNode => ({
    ...node,
    inputs: node.inputs.map((w, i) => (w && i >= 5 && i <= 8 && w.shape.length === 1 ? matrix(node, w, plan) : w)),
  });
  return {
    ...operator,
    infer: (node, known) => operator.infer(whole(node), known),
    lower: (node, plan) => operator.lower(whole(node, plan), plan),
    macs: (node) => operator.macs!(whole(node)),
  };
}

const matrices: Operator = {
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
};

export const unidirectionalSequenceLstm = recurrent(withMatrices(matrices));
