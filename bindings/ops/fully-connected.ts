import { checkShape, count, input, type OpNode, optionalInput, output, perTensor, unsupported } from '../graph/ir.js';
import type { Operator, PlanBuilder, Shape, Value } from './operator.js';
import {
  byteBias,
  channelScales,
  type Forms,
  floatClamp,
  formOf,
  quantizedClamp,
  realMultipliers,
  standardForms,
} from './shared/convolution.js';
import {
  type Activations,
  type Bytes,
  bytesEpilogue,
  bytesProduct,
  floatProduct,
  type Weights,
} from './shared/gemm.js';

export interface Product extends Weights {
  readonly x: Value;
  readonly y: Value;
  /** Rows: everything but the depth, whatever the input's rank. */
  readonly m: number;
}

function product(node: OpNode): Product {
  const [x, w, bias, y] = [input(node, 0), input(node, 1), optionalInput(node, 2), output(node)];
  checkShape(node, w.shape.length === 2, () => `expected weights of rank 2, found [${w.shape}]`);
  const [n, k] = w.shape as [number, number];
  const m = count(x) / k;
  checkShape(node, Number.isInteger(m), () => `input [${x.shape}] does not split into rows of ${k}`);
  checkShape(node, !bias || count(bias) === n, () => `bias [${bias!.shape}] for ${n} outputs`);
  return { x, y, w, bias, m, n, k };
}

/**
 * Real multipliers: the product of the scales is rounded to float32 by TFLite where there is one for all, and by XNNPACK
 * always.
 */
export function multipliers(plan: PlanBuilder, node: OpNode, { x, w, y, n }: Product): Float64Array {
  const scales = channelScales(node, w, n);
  const inFloat = w.quantization!.scale.length === 1 || plan.arithmetic === 'fast';
  const input = perTensor(node, x).scale;
  const { scale } = perTensor(node, y);
  return realMultipliers(input, scales, scale, inFloat);
}

/** A zero point counts only where one holds for all channels. */
export const weightZeroPoint = ({ quantization: q }: Value) => (q?.scale.length === 1 ? (q.zeroPoint[0] ?? 0) : 0);

/** How the bytes of input and weights are read. */
export function bytesOf(node: OpNode, { x, w }: Product): { from: Activations; bytes: Bytes } {
  const flip = byteBias(x.dtype);
  const from = { x, flip, zeroPoint: perTensor(node, x).zeroPoint - flip, dynamic: 0 };
  return { from, bytes: { flip, zeroPoint: weightZeroPoint(w) - flip } };
}

function lowerQuantized(node: OpNode, plan: PlanBuilder, p: Product): void {
  const { x, y } = p;
  const { from, bytes } = bytesOf(node, p);
  const rounding = x.dtype === 'int8' ? 'once' : 'twice';
  const { zeroPoint } = perTensor(node, y);
  const epilogue = bytesEpilogue(
    plan,
    p,
    multipliers(plan, node, p),
    rounding,
    y.dtype,
    zeroPoint,
    quantizedClamp(node, y),
  );
  bytesProduct(plan, p.m, from, p, bytes, y, epilogue);
}

function lowerFloat(node: OpNode, plan: PlanBuilder, p: Product): void {
  floatProduct(plan, p.m, p.x, p, p.y, floatClamp(node));
}

export const FORMS = standardForms(lowerFloat, lowerQuantized);

export function matrixProduct(forms: Forms<Product>): Operator {
  return {
    name: 'FULLY_CONNECTED',
    fusesClamp: true,

    infer(node): Shape[] {
      const p = product(node);
      const { x, w, m, n, k } = p;
      const { weightsFormat, keepNumDims, fusedActivationFunction } = node.options;
      // SHUFFLED4x16INT8, TANH or SIGN_BIT; weights alone quantized go another way through TFLite, which knows all activations.
      const refused = [weightsFormat, fusedActivationFunction].find((option) => /^[ST]/.test(option));
      if (refused && x.dtype === w.dtype) throw unsupported(node, `option ${refused}`);
      if (w.dtype !== 'float32' && !w.quantization?.scale.length) {
        throw unsupported(node, 'weights without scales');
      }
      formOf(node, forms, p, n);
      if (!keepNumDims) return [[m, n]];
      checkShape(node, x.shape.at(-1) === k, () => `input [${x.shape}] for weights [${w.shape}]`);
      return [[...x.shape.slice(0, -1), n]];
    },

    lower(node, plan) {
      const p = product(node);
      formOf(node, forms, p, p.n).lower(node, plan, p);
    },

    macs(node) {
      const { m, n, k } = product(node);
      return m * n * k;
    },
  };
}

export const fullyConnected = matrixProduct(FORMS);
