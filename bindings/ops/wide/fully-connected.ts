import { elementCount, elementSize } from '../../dtype.js';
import {
  bytesOf,
  checkShape,
  count,
  input,
  type OpNode,
  output,
  perTensor,
  unsupported,
  type Value,
} from '../../graph/ir.js';
import { quantizeMultiplier } from '../../quantization.js';
import {
  FORMS,
  matrixProduct,
  multipliers,
  type Product,
  bytesOf as readBytes,
  weightZeroPoint,
} from '../fully-connected.js';
import type { PlanBuilder, Shape } from '../operator.js';
import { channelScales, type Form, floatClamp, quantizedClamp, realMultipliers } from '../shared/convolution.js';
import { dynamicQuantize, withBias } from '../shared/dynamic.js';
import { withHalves } from '../shared/float-halves.js';
import { bytesProduct, floatProduct, sumsEpilogue } from '../shared/gemm.js';
import { biasOf, doubleRequantization, halvesRequantization, isHalvesBias } from '../shared/halves.js';
import { activate } from '../shared/recurrent.js';
import { sparseProduct } from '../shared/sparse-product.js';
import { withComputedParameters } from '../shared/stand-ins.js';
import { unpackedWeights } from '../shared/unpacked.js';

/** uint8 to int16: the sums, then one multiplier for all. */
const toHalves: Form<Product> = {
  bias: ['int32'],
  lower(node, plan, p) {
    const { y } = p;
    const { from, bytes } = readBytes(node, p);
    const sums = plan.temporary(count(y) * 4);
    bytesProduct(plan, p.m, from, p, bytes, sums, sumsEpilogue);
    const { multiplier, shift } = quantizeMultiplier(multipliers(plan, node, p)[0]!);
    const output = [perTensor(node, y).zeroPoint, ...quantizedClamp(node, y)] as const;
    plan.call('s32_requantize', [sums, y, 2, 0, multiplier, shift, ...output], count(y));
  },
};

/** int16 activations: a 1 x 1 convolution over m pixels. Sums with int8 weights are rescaled in float64, with int16 ones as CONV_2D's. */
const halves: Form<Product> = {
  bias: ['int64', 'int32'],
  lower(node, plan, p) {
    const scales = channelScales(node, p.w, p.n);
    const wide = p.w.dtype === 'int8';
    const inFloat = !wide && p.w.quantization!.scale.length === 1;
    const real = realMultipliers(perTensor(node, p.x).scale, scales, perTensor(node, p.y).scale, inFloat);
    const window = [1, p.m, p.k, 1, p.m, p.n, 1, 1, 1, 1, 1, 1, 1, 0, 0] as const;
    const bias = biasOf(plan, p.bias);
    const q = wide ? doubleRequantization(plan, real, bias) : halvesRequantization(plan, real, bias);
    const weights = [p.w, elementSize(p.w.dtype), weightZeroPoint(p.w)] as const;
    plan.call('qs16_conv2d', [p.x, ...weights, p.y, ...window, q, wide ? 1 : 0, ...quantizedClamp(node, p.y)], p.m);
  },
};

/** Float activations, integer weights: each row is quantized at run time. */
const hybrid: Form<Product> = {
  bias: ['float32'],
  lower(node, plan, p) {
    const from = dynamicQuantize(plan, p.x, p.m, p.k, !!node.options.asymmetricQuantizeInputs, true);
    withBias(plan, channelScales(node, p.w, p.n), p.bias, p.y, floatClamp(node), 1, (epilogue) => {
      bytesProduct(plan, p.m, from, { ...p, bias: null }, { flip: 0, zeroPoint: 0 }, p.y, epilogue);
    });
    activate(node, plan, p.y);
  },
};

const floats: Form<Product> = {
  bias: ['float32'],
  lower(node, plan, p) {
    if (p.w.blocks) {
      // Weights with scales of blocks meet rows that went through int8.
      const from = dynamicQuantize(plan, p.x, p.m, p.k, true);
      const x = plan.temporary(p.m * p.k * 4);
      plan.call('qd8_f32_dequantize', [from.x, x, from.dynamic, p.k], p.m);
      floatProduct(plan, p.m, x, p, p.y, floatClamp(node));
    } else if (!sparseProduct(plan, p.m, p.x, p, p.y, floatClamp(node))) {
      FORMS['float32,float32,float32']!.lower(node, plan, p);
    }
  },
};

const dense = unpackedWeights(
  matrixProduct({
    ...FORMS,
    'float32,float32,float32': floats,
    'float32,int8,float32': hybrid,
    'uint8,uint8,int16': toHalves,
    'int16,int8,int16': halves,
    'int16,int16,int16': halves,
  }),
);

/** Without depth TFLite leaves out the bias, and the activation, too: the bytes of the output are 0. */
const isHollow = ({ inputs: [, w] }: OpNode) => w?.shape.length === 2 && w.shape[1] === 0;

function hollowShape(node: OpNode): Shape {
  const [x, w, y] = [input(node, 0), input(node, 1), output(node)];
  const rows = x.shape.slice(0, -1);
  checkShape(node, x.shape.at(-1) === 0, () => `input [${x.shape}] for weights [${w.shape}]`);
  if (y.dtype !== x.dtype) throw unsupported(node, `dtypes ${x.dtype} to ${y.dtype}`);
  return [...(node.options.keepNumDims ? rows : [elementCount(rows)]), w.shape[0]!];
}

const isShuffled = (node: OpNode) => node.options.weightsFormat === 'SHUFFLED4x16INT8';

/**
 * The node with weights in rows: shuffled ones lie in blocks of 4 rows and 16 columns, flipped to int8. 128 is the zero point
 * of the activations, 0 that of the output, whatever their quantization says.
 */
function inRows(node: OpNode, plan?: PlanBuilder): OpNode {
  const [x, w, y] = [input(node, 0), input(node, 1), output(node)];
  const types = [x, w, y].map(({ dtype }) => dtype).join();
  if (types !== 'uint8,uint8,int16') throw unsupported(node, `dtypes ${types} with shuffled weights`);
  const zeroPoints = [x, y].map((v) => perTensor(node, v).zeroPoint);
  if (`${zeroPoints}` !== '128,0') throw unsupported(node, `zero points ${zeroPoints} with shuffled weights`);
  const [n = 0, k = 0] = w.shape;
  const rows = count(x) / k;
  checkShape(
    node,
    w.shape.length === 2 && n % 4 === 0 && k % 16 === 0 && (rows === 1 || rows === 4),
    () => `[${x.shape}] by shuffled weights [${w.shape}]: 1 or 4 rows, a multiple of 4 of them by one of 16 expected`,
  );
  const quantization = { ...w.quantization!, zeroPoint: Int32Array.of(128) };
  const plain: Value = { ...w, quantization };
  if (plan) {
    const id = `in-rows:${w.constant!.id}`;
    const address = plan.packed(id, n * k, (to) => {
      const shuffled = plan.read(w) as Uint8Array;
      const out = plan.bytes(to, n * k);
      for (const [i, q] of shuffled.entries()) {
        const [block, row, column] = [i >> 6, (i >> 4) & 3, i & 15];
        const [down, across] = [Math.floor(block / (k / 16)), block % (k / 16)];
        out[(4 * down + row) * k + 16 * across + column] = q ^ 128;
      }
    });
    plain.constant = { id, address, bytes: n * k };
  }
  return {
    ...node,
    options: { ...node.options, weightsFormat: 'DEFAULT' },
    inputs: node.inputs.map((value, i) => (i === 1 ? plain : value)),
    outputs: [y],
  };
}

/** With float16 activations, int16 ones (and weights), sparse, shuffled or int4 weights, weights alone quantized, and float weights that are mostly zeros. */
export const fullyConnected = withComputedParameters(
  withHalves({
    ...dense,
    infer(node, known) {
      if (isHollow(node)) return [hollowShape(node)];
      if (!isShuffled(node)) return dense.infer(node, known);
      // The second output is TFLite's working memory.
      return [...dense.infer(inRows(node), known), ...node.outputs.slice(1).map(({ shape }) => shape)];
    },
    lower(node, plan) {
      if (isHollow(node)) {
        const bytes = bytesOf(output(node));
        if (bytes) plan.call('x8_copy', [plan.constant(new Uint8Array(bytes)), output(node)], bytes);
      } else dense.lower(isShuffled(node) ? inRows(node, plan) : node, plan);
    },
    macs: (node) => (isHollow(node) ? 0 : dense.macs!(node)),
  }),
  (node, i) => isHalvesBias(node, i) || (i === 1 && (isShuffled(node) || !!node.inputs[1]?.blocks)),
);
