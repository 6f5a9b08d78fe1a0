// LSTM cells as the LSTM operators have them: gates i, f, g, o with optional peepholes, projection, layer normalization, and
// without the input gate (CIFG). In float, with int8 weights on floats (hybrid), and TFLite's integer forms 8x8_16 and 8x8_8.
import { Recurrent } from '../../../assembly/lib/opcodes.js';
import { elementSize } from '../../dtype.js';
import {
  count,
  input,
  invalid,
  type OpNode,
  optionalInput,
  perTensor,
  unsupported,
  type Value,
} from '../../graph/ir.js';
import { quantizeMultiplier } from '../../quantization.js';
import type { PlanBuilder } from '../operator.js';
import { past } from './gemm.js';
import {
  activationOf,
  addProducts,
  checkMatrix,
  checkVector,
  hybridFlags,
  inputProducts,
  type Matrix,
  packGates,
  productScratch,
  type Sequence,
  stateOf,
  type Target,
  walk,
} from './recurrent.js';
import { quantizedRows } from './sparse-lstm.js';

type Optional = Value | null;

export interface Cell {
  readonly sequence: Sequence;
  /** Inputs that are added to those of `sequence`, with weights of their own. */
  readonly aux: { readonly sequence: Sequence; readonly weights: readonly Optional[] } | null;
  /** Of gates i, f, g, o; the first is null for CIFG. */
  readonly weights: readonly Optional[];
  /** Vectors are the diagonals of matrices that are zero elsewhere. */
  readonly recurrent: readonly Optional[];
  /** Of gates i, f, o. */
  readonly peephole: readonly Optional[];
  readonly bias: readonly Optional[];
  readonly norm: readonly Optional[];
  readonly projection: Optional;
  readonly projectionBias: Optional;
  readonly state: Value;
  readonly cell: Value;
  readonly cells: number;
  readonly outputs: number;
  /** Which of `recurrent` are sparse in the model, in a cell with sparse weights (sparse-lstm.ts), of one step. */
  readonly sparse?: readonly boolean[];
}

/** Where a node's inputs of a cell begin. */
export interface CellInputs {
  readonly weights: number;
  readonly state: number;
  readonly norm?: number;
  readonly aux?: { readonly sequence: Sequence; readonly weights: number } | null;
  /** Whether recurrent weights may be vectors. */
  readonly diagonals?: boolean;
}

const isDiagonal = (w: Optional): w is Value => w?.shape.length === 1;

/** Reads and checks a cell whose inputs stand in the order of the LSTM operator's: weights, ..., projection bias. */
export function readCell(node: OpNode, sequence: Sequence, at: CellInputs): Cell {
  const take = (from: number, n: number) => Array.from({ length: n }, (_, i) => optionalInput(node, from + i));
  const output = input(node, at.weights + 7);
  const recurrent = take(at.weights + 4, 4);
  if (!at.diagonals && recurrent.some(isDiagonal)) throw unsupported(node, 'diagonal recurrent weights');
  const [cells, outputs = cells] = output.shape as [number, number?];
  const cell: Cell = {
    sequence,
    aux: at.aux ? { sequence: at.aux.sequence, weights: take(at.aux.weights, 4) } : null,
    weights: take(at.weights, 4),
    recurrent,
    peephole: take(at.weights + 8, 3),
    bias: take(at.weights + 11, 4),
    projection: optionalInput(node, at.weights + 15),
    projectionBias: optionalInput(node, at.weights + 16),
    norm: take(at.norm ?? node.inputs.length, 4),
    state: stateOf(node, at.state, sequence.batch * outputs),
    cell: stateOf(node, at.state + 1, sequence.batch * cells),
    cells,
    outputs,
  };
  check(node, cell);
  return cell;
}

const isCifg = (cell: Cell) => !cell.weights[0];
const isInteger = (cell: Cell) => cell.sequence.x.dtype === 'int8';

function check(node: OpNode, cell: Cell): void {
  const { sequence, aux, cells: n, outputs } = cell;
  const first = isCifg(cell) ? 1 : 0;
  /** All that a cell must have, or none of it. */
  const complete = (what: string, values: readonly Optional[], skip: number, required = true): boolean => {
    const present = values.filter((value) => value).length;
    const complete = present === values.length - skip && !(skip && values[0]);
    if (!complete && (required || present)) throw invalid(node, `${what} are incomplete`);
    return complete;
  };
  complete('input weights', cell.weights, first);
  complete('recurrent weights', cell.recurrent, first);
  complete('biases', cell.bias, first);
  const peephole = complete('peephole weights', cell.peephole, first, false);
  complete('normalization coefficients', cell.norm, first, false);
  if (aux) complete('auxiliary weights', aux.weights, first);
  for (const w of cell.weights) checkMatrix(node, w, n, sequence.depth);
  for (const w of aux?.weights ?? []) checkMatrix(node, w, n, aux!.sequence.depth);
  for (const w of cell.recurrent) (isDiagonal(w) ? checkDiagonal : checkMatrix)(node, w, n, outputs, sequence);
  for (const v of [...cell.peephole, ...cell.bias, ...cell.norm]) checkVector(node, v, n);
  checkMatrix(node, cell.projection, outputs, n);
  checkVector(node, cell.projectionBias, outputs);
  if (!cell.projection && n !== outputs) throw invalid(node, `${n} cells for ${outputs} outputs without a projection`);

  const x = sequence.x.dtype;
  const w = cell.weights[3]!.dtype;
  const integer = isInteger(cell);
  const legal = x === 'float32' ? w === 'float32' || w === 'int8' : integer && w === 'int8';
  if (!legal) throw unsupported(node, `input ${x} with weights ${w}`);
  const expect = (values: readonly Optional[], dtype: string) => {
    const other = values.find((value) => value && value.dtype !== dtype);
    if (other) throw unsupported(node, `'${other.name}' of type ${other.dtype}, expected ${dtype}`);
  };
  expect([...cell.weights, ...(aux?.weights ?? []), cell.projection], w);
  // Diagonals are floats beside integer weights, too.
  expect(
    cell.recurrent.filter((v) => !isDiagonal(v)),
    w,
  );
  expect(cell.peephole, integer ? 'int16' : w);
  expect([...cell.bias, cell.projectionBias], integer ? 'int32' : 'float32');
  expect(cell.norm, integer ? 'int16' : 'float32');
  expect([cell.state, ...node.outputs.slice(0, 1), ...(aux ? [aux.sequence.x] : [])], x);
  expect([cell.cell], integer ? 'int16' : 'float32');
  if (!(node.options.cellClip >= 0 && node.options.projClip >= 0)) throw invalid(node, 'a clip is negative');
  if (!integer) {
    activationOf(node);
    return;
  }
  if (aux) throw unsupported(node, 'auxiliary inputs of int8');
  if (isCoarse(node)) {
    coarseScales(node, cell);
    return;
  }
  // TFLite's kernel then walks the cells with the stride of the outputs.
  if (peephole && n !== outputs) throw unsupported(node, 'int8 with peepholes and a projection to another size');
  integerScales(node, cell);
}

/** A diagonal meets the first elements of a row of the state; what TFLite's kernel reads otherwise, it reads elsewhere. */
function checkDiagonal(node: OpNode, w: Optional, n: number, outputs: number, { x, batch }: Sequence): void {
  checkVector(node, w, n);
  if (w!.dtype !== 'float32' || x.dtype !== 'float32') {
    throw unsupported(node, `a diagonal of type ${w!.dtype} for an input of ${x.dtype}`);
  }
  if (outputs < n || (outputs > n && node.options.timeMajor && batch > 1)) {
    throw unsupported(node, `a diagonal for ${n} cells with ${outputs} outputs`);
  }
}

/** The gates that there are, with their weights and biases. */
function gatesOf(weights: readonly Optional[], bias: readonly Optional[] | null): Matrix[] {
  return weights.flatMap((w, g) => (w ? [{ w, bias: bias?.[g] ?? null }] : []));
}

export function lowerCell(node: OpNode, plan: PlanBuilder, cell: Cell, to: Target): void {
  if (isInteger(cell)) (isCoarse(node) ? lowerCoarse : lowerInteger)(node, plan, cell, to);
  else lowerFloat(node, plan, cell, to);
}

const flagsOf = (cell: Cell) =>
  (isCifg(cell) ? Recurrent.CIFG : 0) |
  (cell.peephole[2] ? Recurrent.PEEPHOLE : 0) |
  (cell.norm[3] ? Recurrent.NORM : 0);

/** Real numbers of a vector, dequantized. */
function reals(plan: PlanBuilder, vector: Value): ArrayLike<number> {
  const data = plan.read(vector) as Float32Array | Int8Array;
  if (vector.dtype === 'float32') return data;
  const scale = vector.quantization?.scale[0] ?? 1;
  return Array.from(data, (q) => scale * q);
}

/** Packed recurrent weights: zeros in the place of diagonals, nothing where there are only those. */
function packRecurrent(plan: PlanBuilder, node: OpNode, { recurrent }: Cell): [w: number, q: number] {
  const one = recurrent.find((w) => w && !isDiagonal(w));
  if (!one) return [0, 0];
  const zeros = (): Value => {
    const bytes = count(one) * elementSize(one.dtype);
    const id = `zeros:${bytes}`;
    const address = plan.packed(id, bytes, (to) => plan.bytes(to, bytes).fill(0));
    return { ...one, constant: { id, address, bytes } };
  };
  const matrices = recurrent.map((w) => (isDiagonal(w) ? zeros() : w));
  return packGates(plan, node, gatesOf(matrices, null));
}

function lowerFloat(node: OpNode, plan: PlanBuilder, cell: Cell, to: Target): void {
  const { sequence, aux, cells: n, outputs, projection } = cell;
  const norm = !!cell.norm[3];
  const quantized = cell.sparse ? quantizedRows(plan, node, sequence.x) : null;
  const x = inputProducts(plan, node, sequence, gatesOf(cell.weights, norm ? null : cell.bias), 0, quantized);
  const rows = sequence.steps * sequence.batch;
  const gates = isCifg(cell) ? 3 : 4;
  if (aux) {
    const more = inputProducts(plan, node, aux.sequence, gatesOf(aux.weights, null));
    addProducts(plan, x, more, gates * rows * n);
  }
  const slot = Math.ceil(n / 4) * 4;
  const extras = new Float32Array(15 * slot);
  const diagonals = cell.recurrent.map((w) => (isDiagonal(w) ? w : null));
  for (const [i, v] of [...cell.peephole, ...cell.norm, ...cell.bias, ...diagonals].entries()) {
    if (v) extras.set(reals(plan, v), i * slot);
  }
  const sparse = cell.recurrent.flatMap((w, g) => (w ? [!!cell.sparse?.[g]] : []));
  const ofGates = diagonals.reduce((flags, w, g) => flags | (w ? Recurrent.DIAGONAL << g : 0), 0);
  const ofSparse = sparse.reduce((flags, is, g) => flags | (is ? Recurrent.SPARSE << g : 0), 0);
  const { flags, limits } = activationOf(node);
  const { first, y, strides } = walk(sequence, to, 4);
  const { batch } = sequence;
  const scratch = batch * (4 * n + outputs) * 4 + productScratch(batch, Math.max(n, outputs));
  const args = [
    ...[n, outputs, past(x, first * n * 4), rows * n],
    ...packRecurrent(plan, node, cell),
    plan.constant(extras),
    ...(projection ? packGates(plan, node, [{ w: projection, bias: cell.projectionBias }]) : [0, 0]),
    quantized?.dynamic ?? 0,
    ...[cell.cell, cell.state, y, to.stride, plan.scratch(scratch), ...strides],
    flags | flagsOf(cell) | ofGates | ofSparse | hybridFlags(node, cell.weights[3]!),
    ...[...limits, node.options.cellClip || Infinity, node.options.projClip || Infinity],
  ];
  plan.call('f32_lstm', args as never, batch);
}

const { fround } = Math;

/** Multipliers of the integer form, as TFLite derives them: float32 products and quotients, in its order. */
function integerScales(node: OpNode, cell: Cell) {
  const scaleOf = (value: Optional) => (value ? perTensor(node, value).scale : 1);
  if (node.intermediates.length !== 5)
    throw invalid(node, `${node.intermediates.length} intermediate values, expected 5`);
  const hidden = perTensor(node, node.intermediates[4]!);
  const exponent = Math.round(Math.log2(scaleOf(cell.cell)));
  if (Math.abs(Math.log2(scaleOf(cell.cell)) - exponent) >= 1e-3) {
    throw invalid(node, `the cell state's scale ${scaleOf(cell.cell)} is no power of two`);
  }
  if (exponent < -15 || exponent > -9) throw unsupported(node, `a cell state of scale 2^${exponent}`);
  const norm = !!cell.norm[3];
  // Gates have 12 fractional bits, but for what is to be normalized.
  const gate = [0, 1, 2, 3].map((g) => (norm && cell.weights[g] ? scaleOf(node.intermediates[g]!) : 2 ** -12));
  const product = (a: number, b: number, c: number) => fround(fround(a * b) / c);
  const x = scaleOf(cell.sequence.x);
  const state = perTensor(node, cell.state);
  return {
    exponent,
    norm: cell.norm.map(scaleOf),
    hiddenZeroPoint: hidden.zeroPoint,
    stateZeroPoint: state.zeroPoint,
    /** In the order of the kernel's parameter block. */
    multipliers: [
      ...cell.weights.map((w, g) => product(scaleOf(w), x, gate[g]!)),
      ...cell.recurrent.map((w, g) => product(scaleOf(w), state.scale, gate[g]!)),
      ...cell.peephole.map((w, i) => (w ? fround((2 ** exponent * scaleOf(w)) / gate[[0, 1, 3][i]!]!) : 1)),
      fround((2 ** -15 / hidden.scale) * 2 ** -15),
      product(scaleOf(cell.projection), hidden.scale, state.scale),
      ...cell.norm.map(scaleOf),
    ],
  };
}

/** A clip in quantized units, cut off as C does; 0 is none. */
function quantizedClip(clip: number, value: Value, hi: number): number {
  return clip ? Math.trunc(Math.min(fround(clip / value.quantization!.scale[0]!), hi)) : 0;
}

function lowerInteger(node: OpNode, plan: PlanBuilder, cell: Cell, to: Target): void {
  const { sequence, cells: n, outputs, projection } = cell;
  const { exponent, norm, multipliers, ...zero } = integerScales(node, cell);
  const { zeroPoint } = perTensor(node, sequence.x);
  const normalized = !!cell.norm[3];
  const x = inputProducts(plan, node, sequence, gatesOf(cell.weights, normalized ? null : cell.bias), zeroPoint);

  const slot = Math.ceil(n / 8) * 8;
  const extras = new Int16Array(7 * slot + 8 * slot);
  const vectors = [...cell.peephole, ...cell.norm];
  for (const [i, v] of vectors.entries()) if (v) extras.set(plan.read(v) as Int16Array, i * slot);
  const biases = new Int32Array(extras.buffer, 14 * slot);
  for (const [g, v] of cell.bias.entries()) if (v) biases.set(plan.read(v) as Int32Array, g * slot);

  const q = multipliers.flatMap((real, i) => {
    const { multiplier, shift } = quantizeMultiplier(real);
    const g = i - 13;
    return g < 0 ? [multiplier, shift] : [multiplier, shift, Math.max(1, Math.trunc(fround(10000 * norm[g]!)))];
  });
  const cellClip = quantizedClip(node.options.cellClip, cell.cell, 32767);
  const projectionClip = quantizedClip(node.options.projClip, to.y, 127);
  const { first, y, strides } = walk(sequence, to, 1);
  const { batch } = sequence;
  const scratch = batch * (16 * n + 4 * outputs + n) + 8 * slot + 48 + productScratch(batch, Math.max(n, outputs));
  const args = [
    ...[n, outputs, past(x, first * n * 4), sequence.steps * batch * n],
    packGates(plan, node, gatesOf(cell.recurrent, null))[0],
    plan.constant(extras),
    projection ? packGates(plan, node, [{ w: projection, bias: cell.projectionBias }])[0] : 0,
    plan.constant(Int32Array.from(q)),
    ...[cell.cell, cell.state, y, plan.scratch(scratch), ...strides],
    ...[flagsOf(cell), 30 + exponent, -1 - exponent],
    ...(cellClip ? [-cellClip, cellClip] : [-32768, 32767]),
    // The kernels that the corpus records take the hidden zero point off instead of adding it. A projection undoes that;
    // without one, newer TFLite adds it.
    ...[zero.stateZeroPoint, -zero.hiddenZeroPoint],
    ...(projectionClip ? [-projectionClip, projectionClip] : [-128, 127]),
  ];
  plan.call('qs8_lstm', args as never, batch);
}

/**
 * Whether a cell of int8 has TFLite's form 8x8_8, in which the products with the input and with the state are rounded to bytes.
 * Of TFLite's operators only LSTM knows it.
 */
const isCoarse = (node: OpNode) => node.op === 'LSTM' && node.intermediates.length === 12;

/**
 * What the kernel takes of the gates f, g, o and of the projection. `intermediates` are, for each of i, f, g, o, the sum, the
 * input's part and the state's. TFLite's kernel never looks at the input gate nor at peepholes, whether there are any or not,
 * and reads what stands at null without a normalization or a projection with its bias.
 */
function coarseScales(node: OpNode, cell: Cell) {
  const { norm, projection, projectionBias } = cell;
  if (!(norm[3] && projection && projectionBias)) {
    throw unsupported(node, '12 intermediate values without a normalization or a projection with a bias');
  }
  const scaleOf = (value: Optional) => perTensor(node, value!).scale;
  if (scaleOf(cell.cell) !== 2 ** -15) {
    throw invalid(node, `a cell state of scale ${scaleOf(cell.cell)}, expected 2^-15`);
  }
  const state = perTensor(node, cell.state);
  const parts = node.intermediates.map((value, i) => (i < 3 ? { scale: 1, zeroPoint: 0 } : perTensor(node, value)));
  const x = scaleOf(cell.sequence.x);
  const fixed = (real: number) => quantizeMultiplier(real);
  /** Of a gate's part in its sum. */
  const inSum = (g: number, part: 1 | 2) => fixed(fround(parts[3 * g + part]!.scale / parts[3 * g]!.scale));
  const gates = [1, 2, 3].map((g) => {
    const [ofX, ofH] = [parts[3 * g + 1]!, parts[3 * g + 2]!];
    const fromH = inSum(g, 2);
    return {
      products: [
        { ...fixed(fround(fround(scaleOf(cell.weights[g]!) * x) / ofX.scale)), zeroPoint: ofX.zeroPoint },
        {
          ...fixed(fround(fround(scaleOf(cell.recurrent[g]!) * state.scale) / ofH.scale)),
          // In TFLite's kernel, the output gate has the zero point of the cell gate's input part.
          zeroPoint: g === 3 ? parts[7]!.zeroPoint : ofH.zeroPoint,
        },
      ],
      // And its multiplier is taken from four places behind the last one, where the forget gate's shift is: a number so small
      // that the state's part comes to nothing. TFLite's results, those in its own tests among them, are without it.
      sums: [inSum(g, 1), g === 3 ? { multiplier: inSum(1, 2).shift, shift: fromH.shift } : fromH],
      norm: fixed(scaleOf(norm[g]!)),
    };
  });
  return { gates, projection: fixed(fround((scaleOf(projection) * 2 ** -15) / state.scale)), state };
}

function lowerCoarse(node: OpNode, plan: PlanBuilder, cell: Cell, to: Target): void {
  const { sequence, cells: n, outputs, projection, projectionBias } = cell;
  const { gates, ...scales } = coarseScales(node, cell);
  const { batch } = sequence;
  const used = (values: readonly Optional[]) => gatesOf(values.slice(1), null);
  const x = inputProducts(plan, node, sequence, used(cell.weights), perTensor(node, sequence.x).zeroPoint);

  const slot = Math.ceil(n / 8) * 8;
  const extras = new Int16Array(3 * slot + 6 * slot + 2 * outputs);
  for (const [g, v] of cell.norm.slice(1).entries()) extras.set(plan.read(v!) as Int16Array, g * slot);
  const biases = new Int32Array(extras.buffer, 6 * slot);
  for (const [g, v] of cell.bias.slice(1).entries()) biases.set(plan.read(v!) as Int32Array, g * slot);
  biases.set(plan.read(projectionBias!) as Int32Array, 3 * slot);

  const q = new Int32Array(gates.length * 11 + 2);
  const reals = new Float32Array(q.buffer);
  for (const [g, { products, sums, norm }] of gates.entries()) {
    const at = 11 * g;
    for (const [i, { multiplier, shift, zeroPoint }] of products.entries()) {
      // A byte in TFLite's kernel, whatever the model says.
      q.set([multiplier, shift, (zeroPoint << 24) >> 24], at + 3 * i);
    }
    for (const [i, { multiplier, shift }] of sums.entries()) q.set([multiplier, shift], at + 6 + 2 * i);
    reals[at + 10] = norm.multiplier * 2 ** (norm.shift - 31);
  }
  q.set([scales.projection.multiplier, scales.projection.shift], 11 * gates.length);
  // One of 1 or more clips nothing that is left of the state.
  const clip = node.options.cellClip < 1 ? quantizedClip(node.options.cellClip, cell.cell, 32767) : 0;
  const projectionClip = quantizedClip(node.options.projClip, to.y, 127);
  const scratch = batch * 12 * n + 6 * slot + 32 + productScratch(batch, outputs);
  const args = [
    ...[n, outputs, x, batch * n],
    packGates(plan, node, used(cell.recurrent))[0],
    plan.constant(extras),
    projection!.constant!.address,
    plan.constant(q),
    ...[cell.cell, cell.state, to.y, plan.scratch(scratch)],
    ...(clip ? [-clip, clip] : [-32768, 32767]),
    scales.state.zeroPoint,
    ...(projectionClip ? [-projectionClip, projectionClip] : [-128, 127]),
  ];
  plan.call('qs8_lstm_coarse', args as never, batch);
}

export function cellMacs({ sequence, aux, recurrent, cells, outputs, projection }: Cell): number {
  const depth = sequence.depth + (aux?.sequence.depth ?? 0);
  const gates = recurrent.reduce((sum, w) => sum + (w ? depth + (isDiagonal(w) ? 1 : outputs) : 0), 0);
  return sequence.steps * sequence.batch * cells * (gates + (projection ? outputs : 0));
}
