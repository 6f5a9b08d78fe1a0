// What recurrent operators share: the sequence's layout, packed recurrent weights, the products with all steps' inputs.

import { BinaryOp, Recurrent, UnaryOp } from '../../../assembly/lib/opcodes.js';
import { checkShape, count, input, invalid, type OpNode, perTensor, unsupported, type Value } from '../../graph/ir.js';
import { type Activation, activationRange } from '../../quantization.js';
import type { Arg, Operator, PlanBuilder, Ref } from '../operator.js';
import { broadcastBlock } from './broadcast.js';
import { convert } from './convert.js';
import { byteBias, channelScales } from './convolution.js';
import { dynamicQuantize, floatEpilogue } from './dynamic.js';
import {
  type Activations,
  bytesProduct,
  floatProduct,
  packedByteBytes,
  packedFloatBytes,
  panelUnits,
  past,
  sumsEpilogue,
  widenedBytes,
} from './gemm.js';
import { withComputedParameters } from './stand-ins.js';
import { integerLimits } from './unary.js';

export const NO_CLAMP = [-Infinity, Infinity] as const;

/** Steps and batch of an input [batch, steps, k], [steps, batch, k] or [batch, k], and where its rows lie. */
export interface Sequence {
  readonly x: Value;
  readonly steps: number;
  readonly batch: number;
  readonly depth: number;
  readonly timeStride: number;
  readonly batchStride: number;
}

export function sequence(node: OpNode, x: Value, rank: 2 | 3): Sequence {
  checkShape(node, x.shape.length === rank, () => `expected an input of rank ${rank}, found [${x.shape}]`);
  const depth = x.shape[rank - 1]!;
  if (rank === 2) return { x, steps: 1, batch: x.shape[0]!, depth, timeStride: 1, batchStride: 1 };
  const [first, second] = x.shape as [number, number];
  return node.options.timeMajor
    ? { x, steps: first, batch: second, depth, timeStride: second, batchStride: 1 }
    : { x, steps: second, batch: first, depth, timeStride: 1, batchStride: second };
}

/**
 * A recurrent operator; all inputs but the states and those in `activations` are parameters. The first hybrid models call int8
 * weights uint8; TFLite reads their bytes as int8, and so does `operator`.
 */
export function recurrent(operator: Operator, activations: (node: OpNode) => readonly number[] = () => [0]): Operator {
  return withComputedParameters(signedWeights(operator), (node, i) => !activations(node).includes(i));
}

function signedWeights(operator: Operator): Operator {
  const signed = (node: OpNode): OpNode => {
    if (node.inputs[0]?.dtype !== 'float32' || !node.inputs.some((v) => v?.dtype === 'uint8')) return node;
    return { ...node, inputs: node.inputs.map((v) => (v?.dtype === 'uint8' ? { ...v, dtype: 'int8' } : v)) };
  };
  return {
    ...operator,
    infer: (node, known) => operator.infer(signed(node), known),
    lower: (node, plan) => operator.lower(signed(node), plan),
    macs: operator.macs && ((node) => operator.macs!(signed(node))),
  };
}

/** Where a cell's outputs go: rows of `stride` elements from `y` on, as the sequence's rows lie. */
export interface Target {
  readonly y: Value;
  /** First column. */
  readonly column: number;
  readonly stride: number;
  /** Last step first. */
  readonly backward: boolean;
}

/** Kernel arguments for a walk over the steps. */
export function walk({ steps, timeStride, batchStride }: Sequence, to: Target, size: number) {
  const first = to.backward ? (steps - 1) * timeStride : 0;
  const y: Ref = { value: to.y, offset: (first * to.stride + to.column) * size };
  return { first, y, strides: [steps, to.backward ? -timeStride : timeStride, batchStride] as const };
}

/** A variable of `elements` elements, whatever its shape. */
export function stateOf(node: OpNode, i: number, elements: number): Value {
  const state = input(node, i);
  if (!state.isVariable) throw invalid(node, `input ${i} must be a variable`);
  checkShape(node, count(state) === elements, () => `state [${state.shape}], expected ${elements} elements`);
  return state;
}

export function checkMatrix(node: OpNode, w: Value | null, n: number, k: number): void {
  if (!w) return;
  const [rows, columns] = w.shape;
  checkShape(node, w.shape.length === 2 && rows === n && columns === k, () => `weights [${w.shape}], not [${n},${k}]`);
  if (w.sparsity) throw unsupported(node, 'sparse weights');
}

export function checkVector(node: OpNode, v: Value | null, n: number): void {
  if (!v) return;
  checkShape(node, v.shape.length === 1 && v.shape[0] === n, () => `[${v.shape}] where [${n}] is expected`);
}

const FLAGS: Partial<Record<Activation, Recurrent>> = { TANH: Recurrent.TANH, SIGN_BIT: Recurrent.SIGN_BIT };

/** Flags and limits of an activation. */
export function activationOf(node: OpNode): { flags: number; limits: readonly [number, number] } {
  const activation: Activation = node.options.fusedActivationFunction ?? 'NONE';
  return { flags: FLAGS[activation] ?? 0, limits: activationRange(activation) };
}

/** What of the fused activation is no clamp, in place. */
export function activate(node: OpNode, plan: PlanBuilder, y: Value): void {
  const { flags } = activationOf(node);
  if (flags & Recurrent.TANH) plan.call('f32_unary', [UnaryOp.TANH, y, y, 0], count(y));
  if (flags & Recurrent.SIGN_BIT) {
    const shape = plan.constant(broadcastBlock([count(y)], []));
    const last = plan.constant(Uint32Array.of(31));
    plan.call('u32_binary', [BinaryOp.SHIFT_RIGHT, y, last, y, shape, integerLimits(plan, 'uint32')], count(y));
    convert(plan, y, 'uint32', y, 'float32', count(y));
  }
}

export function hybridFlags(node: OpNode, w: Value): number {
  if (w.dtype === 'float32') return 0;
  return Recurrent.HYBRID | (node.options.asymmetricQuantizeInputs ? Recurrent.ASYMMETRIC : 0);
}

/** Weights of one gate, [n, k], and its bias. */
export interface Matrix {
  readonly w: Value;
  readonly bias?: Value | null;
}

/** Packs the matrices of all gates one behind the other, as assembly/lib/recurrent.ts reads them: `w` and `q` there. */
export function packGates(plan: PlanBuilder, node: OpNode, gates: readonly Matrix[]): [w: number, q: number] {
  const [n, k] = gates[0]!.w.shape as [number, number];
  const floats = gates[0]!.w.dtype === 'float32';
  // Hybrid biases are floats, and come after the scales.
  const packsBias = floats || gates[0]!.bias?.dtype === 'int32';
  const size = floats ? packedFloatBytes(n, k) : packedByteBytes(n, k);
  const id = gates.map(({ w, bias }) => `${w.constant!.id}:${bias?.constant?.id}`).join();
  const w = plan.packed(`recurrent:${id}:${n}x${k}`, size * gates.length, (address) => {
    for (const [g, gate] of gates.entries()) {
      const at = [(packsBias && gate.bias?.constant?.address) || 0, address + g * size, 0, panelUnits(n)] as const;
      if (floats) plan.kernels.f32_gemm_pack(k, n, gate.w.constant!.address, k, 1, ...at);
      else plan.kernels.qs8_gemm_pack(k, n, gate.w.constant!.address, k, 1, 0, 0, ...at);
    }
  });
  if (floats || packsBias) return [w, 0];
  const columns = Math.ceil(n / 16) * 16;
  const q = new Float32Array(8 + columns * 2 * gates.length).fill(-Infinity, 0, 4).fill(Infinity, 4, 8);
  for (const [g, gate] of gates.entries()) {
    const bias = gate.bias && (plan.read(gate.bias) as Float32Array);
    for (const [i, scale] of channelScales(node, gate.w, n).entries()) {
      const at = 8 + g * columns * 2 + (i >> 2) * 8 + (i & 3);
      q[at] = scale;
      q[at + 4] = bias?.[i] ?? 0;
    }
  }
  return [w, plan.constant(q)];
}

/** Scratch bytes that a product of `rows` states with packed weights takes. */
export function productScratch(rows: number, depth: number): number {
  return rows * (widenedBytes(depth) + depth + 8) + 80;
}

/**
 * The products of a sequence's rows with the input weights of all gates: [gates][rows][n] floats or int32 sums.
 * @param zeroPoint of bytes
 * @param quantized the rows of floats, where they are quantized already
 */
export function inputProducts(
  plan: PlanBuilder,
  node: OpNode,
  { x, steps, batch, depth: k }: Sequence,
  gates: readonly Matrix[],
  zeroPoint = 0,
  quantized: Activations | null = null,
): Arg {
  const rows = steps * batch;
  const n = gates[0]!.w.shape[0]!;
  const to = plan.temporary(rows * n * 4 * gates.length + 16);
  const hybrid = x.dtype === 'float32' && gates[0]!.w.dtype !== 'float32';
  const flip = byteBias(x.dtype);
  const from = hybrid
    ? (quantized ?? dynamicQuantize(plan, x, rows, k, !!node.options.asymmetricQuantizeInputs, true))
    : { x, flip, zeroPoint: zeroPoint - flip, dynamic: 0 };
  const space = {};
  const zero = (w: Value) => (flip ? perTensor(node, w).zeroPoint - flip : 0);
  for (const [g, { w, bias = null }] of gates.entries()) {
    const y = past(to, g * rows * n * 4);
    const bytes = { flip, zeroPoint: zero(w) };
    if (w.dtype === 'float32') floatProduct(plan, rows, x, { w, bias, n, k }, y, NO_CLAMP);
    else if (hybrid) {
      const epilogue = floatEpilogue(plan, channelScales(node, w, n), bias, NO_CLAMP);
      bytesProduct(plan, rows, from, { w, bias: null, n, k, space }, bytes, y, epilogue);
    } else bytesProduct(plan, rows, from, { w, bias, n, k, space }, bytes, y, sumsEpilogue);
  }
  return to;
}

/** x += more, floats both. */
export function addProducts(plan: PlanBuilder, x: Arg, more: Arg, elements: number): void {
  const shape = plan.constant(broadcastBlock([elements], [elements]));
  plan.call('f32_binary', [BinaryOp.ADD, x, more, x, shape, plan.constant(Float32Array.from(NO_CLAMP))], elements);
}

/** What the two cells of a bidirectional operator read. */
export interface Sequences {
  readonly forward: Sequence;
  readonly backward: Sequence;
  /** Read by both, beside their own. */
  readonly aux: Sequence | null;
  shapes(forward: number, backward: number): number[][];
}

/**
 * An auxiliary input with weights goes to both cells beside the input (stacked with cross links); without weights it is the
 * backward cell's input (stacked without).
 */
export function bidirectional(node: OpNode, x: Value, aux: Value | null, hasWeights: boolean): Sequences {
  const forward = sequence(node, x, 3);
  const second = aux && sequence(node, aux, 3);
  if (!second && hasWeights) throw invalid(node, 'auxiliary weights without an auxiliary input');
  if (second && (second.steps !== forward.steps || second.batch !== forward.batch)) {
    throw invalid(node, `auxiliary input [${aux.shape}] beside [${x.shape}]`);
  }
  return {
    forward,
    backward: second && !hasWeights ? second : forward,
    aux: hasWeights ? second : null,
    shapes(n, m) {
      const [a, b] = x.shape as [number, number];
      return node.options.mergeOutputs
        ? [[a, b, n + m]]
        : [
            [a, b, n],
            [a, b, m],
          ];
    },
  };
}

/** Lowers the forward and the backward cell, of n and m outputs, with their places in the outputs. */
export function lowerBoth(
  node: OpNode,
  [n, m]: readonly [number, number],
  lower: (i: 0 | 1, to: Target) => void,
): void {
  const merged = !!node.options.mergeOutputs;
  const y = node.outputs[0]!;
  lower(0, { y, column: 0, stride: merged ? n + m : n, backward: false });
  lower(
    1,
    merged
      ? { y, column: n, stride: n + m, backward: true }
      : { y: node.outputs[1]!, column: 0, stride: m, backward: true },
  );
}
