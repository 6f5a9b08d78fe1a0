import {
  checkShape,
  count,
  input,
  invalid,
  type OpNode,
  output,
  perTensor,
  unsupported,
  type Value,
} from '../graph/ir.js';
import { quantizeMultiplier } from '../quantization.js';
import type { PlanBuilder } from './operator.js';
import { type Cell, cellMacs, lowerCell, readCell } from './shared/lstm.js';
import { checkMatrix, checkVector, inputProducts, type Matrix, recurrent, sequence } from './shared/recurrent.js';
import { densified } from './shared/sparse-lstm.js';

// Two operators under one name. The full one keeps its state in variables. The basic one, of five inputs, is given its state
// and returns the next; its weights [4 n, depth + n] take input and state side by side, gates i, g, f, o.

/** @param plan for a cell that is to be lowered */
function readFull(node: OpNode, plan?: PlanBuilder): Cell {
  if (node.inputs.length !== 20 && node.inputs.length !== 24)
    throw invalid(node, `${node.inputs.length} inputs, expected 24`);
  const from = densified(node, plan);
  const cell = readCell(from?.node ?? node, sequence(node, input(node, 0), 2), { weights: 1, state: 18, norm: 20 });
  return from ? { ...cell, sparse: [5, 6, 7, 8].map((i) => from.sparse.has(i)) } : cell;
}

interface Basic {
  readonly x: Value;
  readonly h: Value;
  readonly w: Value;
  readonly bias: Value;
  readonly c: Value;
  readonly batch: number;
  readonly depth: number;
  readonly n: number;
}

const isBasic = (node: OpNode) => node.options.kernelType === 'BASIC';

function readBasic(node: OpNode): Basic {
  if (node.inputs.some((value) => value?.sparsity)) throw unsupported(node, 'sparse inputs of the basic form');
  const [x, h, w, bias, c] = [0, 1, 2, 3, 4].map((i) => input(node, i)) as [Value, Value, Value, Value, Value];
  const n = c.shape.at(-1) ?? 0;
  const { batch, depth } = sequence(node, x, 2);
  checkMatrix(node, w, 4 * n, depth + n);
  checkVector(node, bias, 4 * n);
  for (const state of [h, c]) {
    checkShape(
      node,
      state.shape.join() === [batch, n].join(),
      () => `state [${state.shape}], expected [${batch},${n}]`,
    );
  }
  const types = [x, h, w, bias, c, output(node), output(node, 1)].map(({ dtype }) => dtype).join();
  if (types === 'float32,float32,float32,float32,float32,float32,float32') {
    const { fusedActivationFunction: activation = 'NONE' } = node.options;
    if (activation !== 'TANH' && activation !== 'NONE') throw unsupported(node, `activation ${activation}`);
  } else if (types === 'uint8,uint8,uint8,int32,int16,uint8,int16') {
    for (const value of [x, h, output(node)]) {
      const { scale, zeroPoint } = perTensor(node, value);
      if (scale !== 1 / 128 || zeroPoint !== 128)
        throw invalid(node, `'${value.name}' must have scale 1/128, zero point 128`);
    }
    for (const value of [c, output(node, 1)]) {
      const { scale, zeroPoint } = perTensor(node, value);
      if (scale !== 2 ** -11 || zeroPoint !== 0)
        throw invalid(node, `'${value.name}' must have scale 1/2048, zero point 0`);
    }
    perTensor(node, w);
    perTensor(node, bias);
  } else throw unsupported(node, `the basic form of types ${types}`);
  return { x, h, w, bias, c, batch, depth, n };
}

/** Columns from `column` on of rows from `row` on, as a constant of its own. */
function block(plan: PlanBuilder, w: Value, row: number, rows: number, column: number, columns: number): Value {
  const data = plan.read(w);
  const stride = w.shape.at(-1)!;
  const size = data.BYTES_PER_ELEMENT;
  const id = `block:${w.constant!.id}:${row}:${column}`;
  const bytes = rows * columns * size;
  const address = plan.packed(id, bytes, (to) => {
    const from = new Uint8Array(data.buffer);
    const out = plan.bytes(to, bytes);
    for (let r = 0; r < rows; r++) {
      const at = ((row + r) * stride + column) * size;
      out.set(from.subarray(at, at + columns * size), r * columns * size);
    }
  });
  return { ...w, shape: [rows, columns], constant: { id, address, bytes } };
}

function lowerBasic(node: OpNode, plan: PlanBuilder): void {
  const { x, h, w, bias, c, batch, depth, n } = readBasic(node);
  const [y, state] = [output(node), output(node, 1)];
  const gate = (g: number): [x: Matrix, h: Matrix] => [
    { w: block(plan, w, g * n, n, 0, depth), bias: block(plan, { ...bias, shape: [4, n] }, g, 1, 0, n) },
    { w: block(plan, w, g * n, n, depth, n) },
  ];
  const gates = [gate(0), gate(1), gate(2), gate(3)] as const;
  if (x.dtype === 'float32') {
    const [i, g, f, o] = gates;
    const order = [i, f, g, o];
    plan.copy(y, h, batch * n * 4);
    plan.copy(state, c, batch * n * 4);
    const cell: Cell = {
      sequence: sequence(node, x, 2),
      aux: null,
      weights: order.map(([matrix]) => matrix.w),
      bias: order.map(([matrix]) => matrix.bias!),
      recurrent: order.map(([, matrix]) => matrix.w),
      peephole: [null, null, null],
      norm: [null, null, null, null],
      projection: null,
      projectionBias: null,
      state: y,
      cell: state,
      cells: n,
      outputs: n,
    };
    const options = { ...node.options, fusedActivationFunction: 'TANH', cellClip: 0, projClip: 0 };
    lowerCell({ ...node, options }, plan, cell, { y, column: 0, stride: n, backward: false });
  } else {
    const sums = (from: Value, matrices: Matrix[]) =>
      inputProducts(plan, node, sequence(node, from, 2), matrices, perTensor(node, from).zeroPoint);
    const fromX = sums(
      x,
      gates.map(([matrix]) => matrix),
    );
    const fromH = sums(
      h,
      gates.map(([, matrix]) => matrix),
    );
    // 12 fractional bits.
    const { multiplier, shift } = quantizeMultiplier(4096 * perTensor(node, bias).scale);
    plan.call('qu8_lstm_cell', [n, fromX, fromH, batch * n, c, state, y, multiplier, shift], batch);
  }
  if (h.isVariable) plan.copy(h, y, count(y) * (x.dtype === 'float32' ? 4 : 1));
  if (c.isVariable) plan.copy(c, state, count(state) * (x.dtype === 'float32' ? 4 : 2));
}

export const lstm = recurrent(
  {
    name: 'LSTM',
    stateful: true,
    takesSparse: true,
    infer(node) {
      if (isBasic(node)) {
        const { batch, depth, n } = readBasic(node);
        // The other two are TFLite's working memory.
        return [
          [batch, n],
          [batch, n],
          [batch, depth + n],
          [batch, 4 * n],
        ].slice(0, node.outputs.length);
      }
      const { sequence, outputs } = readFull(node);
      return [[sequence.batch, outputs]];
    },
    lower(node, plan) {
      if (isBasic(node)) return lowerBasic(node, plan);
      const cell = readFull(node, plan);
      lowerCell(node, plan, cell, { y: output(node), column: 0, stride: cell.outputs, backward: false });
    },
    macs(node) {
      if (!isBasic(node)) return cellMacs(readFull(node));
      const { batch, depth, n } = readBasic(node);
      return batch * 4 * n * (depth + n);
    },
  },
  (node) => (isBasic(node) ? [0, 1, 4] : [0]),
);
