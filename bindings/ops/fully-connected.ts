import { checkShape, count, input, type OpNode, optionalInput, output, perTensor, unsupported } from '../graph/ir.js';
import { quantizeMultiplier } from '../quantization.js';
import type { Operator, PlanBuilder, Shape, Value } from './operator.js';
import { byteBias, channelScales, floatClamp, fusedClamp, quantizedClamp } from './shared/convolution.js';
import {
  bytesEpilogue,
  bytesProduct,
  dynamicQuantize,
  floatEpilogue,
  floatProduct,
  requireConstant,
  sumsEpilogue,
  type Weights,
} from './shared/gemm.js';
import { denseValue } from './shared/sparse.js';

interface Product extends Weights {
  readonly x: Value;
  readonly y: Value;
  /** Rows: everything but the depth, whatever the input's rank. */
  readonly m: number;
}

/** Legal dtypes as input,weights,output, and the biases each takes. */
const FORMS: Record<string, readonly string[]> = {
  'float32,float32,float32': ['float32'],
  'float32,int8,float32': ['float32'],
  'float32,int4,float32': ['float32'],
  'uint8,uint8,uint8': ['int32'],
  'uint8,uint8,int16': ['int32'],
  'int8,int8,int8': ['int32'],
  'int8,int4,int8': ['int32'],
  'int16,int8,int16': ['int64', 'int32'],
};

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
function multipliers(plan: PlanBuilder, node: OpNode, { x, w, y, n }: Product): Float64Array {
  const scales = channelScales(node, w, n);
  const inFloat = w.quantization!.scale.length === 1 || plan.arithmetic === 'fast';
  const input = perTensor(node, x).scale;
  const { scale } = perTensor(node, y);
  return Float64Array.from(scales, (s) => (inFloat ? Math.fround(input * s) : input * s) / scale);
}

/** A zero point counts only where one holds for all channels. */
const weightZeroPoint = ({ quantization: q }: Value) => (q?.scale.length === 1 ? (q.zeroPoint[0] ?? 0) : 0);

function lowerQuantized(node: OpNode, plan: PlanBuilder, p: Product): void {
  const { x, w, y } = p;
  const flip = byteBias(x.dtype);
  const from = { x, flip, zeroPoint: perTensor(node, x).zeroPoint - flip, dynamic: 0 };
  const bytes = { flip, zeroPoint: weightZeroPoint(w) - flip };
  const rounding = x.dtype === 'int8' ? 'once' : 'twice';
  const { zeroPoint } = perTensor(node, y);
  if (y.dtype === 'int16') {
    const sums = plan.temporary(count(y) * 4);
    bytesProduct(plan, p.m, from, p, bytes, sums, sumsEpilogue);
    const { multiplier, shift } = quantizeMultiplier(multipliers(plan, node, p)[0]!);
    plan.call('s32_requantize', [sums, y, 2, 0, multiplier, shift, zeroPoint, ...quantizedClamp(node, y)], count(y));
    return;
  }
  const epilogue = bytesEpilogue(
    plan,
    multipliers(plan, node, p),
    rounding,
    y.dtype,
    zeroPoint,
    quantizedClamp(node, y),
  );
  bytesProduct(plan, p.m, from, p, bytes, y, epilogue);
}

/** Float activations, integer weights: each row is quantized at run time. */
function lowerHybrid(node: OpNode, plan: PlanBuilder, p: Product): void {
  const from = dynamicQuantize(plan, p.x, p.m, p.k, !!node.options.asymmetricQuantizeInputs);
  const epilogue = floatEpilogue(plan, channelScales(node, p.w, p.n), p.bias, floatClamp(node));
  bytesProduct(plan, p.m, from, { ...p, bias: null }, { flip: 0, zeroPoint: 0 }, p.y, epilogue);
}

/** int16 activations: a 1 x 1 convolution over m pixels, rescaled in float64. */
function lowerHalves(node: OpNode, plan: PlanBuilder, p: Product): void {
  const bias = p.bias && (plan.read(p.bias) as BigInt64Array | Int32Array);
  const input = perTensor(node, p.x).scale;
  const { scale } = perTensor(node, p.y);
  const block = new DataView(new ArrayBuffer(p.n * 16));
  for (const [o, s] of channelScales(node, p.w, p.n).entries()) {
    block.setBigInt64(o * 16, BigInt(bias?.[o] ?? 0), true);
    block.setFloat64(o * 16 + 8, (input * s) / scale, true);
  }
  const window = [1, p.m, p.k, 1, p.m, p.n, 1, 1, 1, 1, 1, 1, 1, 0, 0] as const;
  const q = plan.constant(new Uint8Array(block.buffer));
  plan.call('qs16_conv2d', [p.x, p.w, p.y, ...window, q, 1, ...quantizedClamp(node, p.y)], p.m);
}

export const fullyConnected: Operator = {
  name: 'FULLY_CONNECTED',
  fusesClamp: true,

  infer(node): Shape[] {
    const { x, w, bias, y, m, n, k } = product(node);
    const { weightsFormat = 'DEFAULT', keepNumDims } = node.options;
    if (weightsFormat !== 'DEFAULT') throw unsupported(node, `weights format ${weightsFormat}`);
    if (w.sparsity && !w.constant) throw unsupported(node, 'sparse weights that are not constant');
    const form = [x.dtype, w.dtype, y.dtype].join();
    if (!FORMS[form]?.includes(bias?.dtype ?? FORMS[form]![0]!)) {
      throw unsupported(node, `dtypes ${form}${bias ? ` with bias ${bias.dtype}` : ''}`);
    }
    fusedClamp(node);
    if (w.dtype !== 'float32') {
      if (!w.quantization?.scale.length) throw unsupported(node, 'weights without scales (quantized in blocks?)');
      channelScales(node, w, n);
      if (w.dtype === 'int4') requireConstant(node, w, 'an int4 matrix');
      if (x.dtype === 'float32' || x.dtype === 'int16') requireConstant(node, bias, 'a bias');
    }
    if (x.dtype !== 'float32') {
      perTensor(node, x);
      perTensor(node, y);
    }
    if (!keepNumDims) return [[m, n]];
    checkShape(node, x.shape.at(-1) === k, () => `input [${x.shape}] for weights [${w.shape}]`);
    return [[...x.shape.slice(0, -1), n]];
  },

  lower(node, plan) {
    const stored = product(node);
    const p = { ...stored, w: denseValue(node, plan, stored.w) };
    if (p.x.dtype === 'int16') lowerHalves(node, plan, p);
    else if (p.x.dtype !== 'float32') lowerQuantized(node, plan, p);
    else if (p.w.dtype !== 'float32') lowerHybrid(node, plan, p);
    else floatProduct(plan, p.m, p.x, p, p.y, floatClamp(node));
  },

  macs(node) {
    const { m, n, k } = product(node);
    return m * n * k;
  },
};
