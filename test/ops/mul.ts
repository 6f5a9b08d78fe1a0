import { roundAway } from '../../bindings/quantization.js';
import { affine, binarySpec, clampActivation, fround, mapPairs, scaled } from '../support/elementwise.js';
import { Rng } from '../support/random.js';
import type { OpSpec, ReferenceTensor } from '../support/spec.js';

const real = binarySpec({
  op: 'MUL',
  dtypes: ['float32', 'float16', 'int8', 'uint8', 'int16', 'int32', 'int64', 'uint32'],
  f: (a, b) => a * b,
  integer: (a, b) => a * b,
  quantized(qa, qb, a, b, y) {
    const product = (qa - a.zeroPoint) * (qb - b.zeroPoint);
    return scaled(product, fround(fround(a.scale * b.scale) / y.scale)) + y.zeroPoint;
  },
  activation: true,
});

export default {
  ...real,
  cases: [
    ...real.cases,
    ...(['float32', 'int8'] as const).map((dtype) => {
      // Long enough for the row to be repeated before.
      const rng = new Rng(9);
      const quantization = dtype === 'int8' ? rng.quantization(dtype) : undefined;
      const tensor = (shape: number[]) => rng.tensor(dtype, shape, { quantization });
      return {
        name: `${dtype} by channel, weights computed`,
        inputs: [tensor([1, 14, 18, 17]), tensor([1, 1, 1, 17])],
        outputs: [{ dtype, shape: [], quantization }],
      };
    }),
    ...(['int8', 'uint8'] as const).map((dtype) => {
      const rng = new Rng(10);
      const quantization = { scale: [2 ** -15], zeroPoint: [0] };
      const tensor = () => rng.tensor('int16', [3, 17], { quantization });
      return {
        name: `int16 to ${dtype}`,
        options: { fusedActivationFunction: 'RELU_N1_TO_1' },
        inputs: [tensor(), tensor()],
        outputs: [{ dtype, shape: [], quantization: { scale: [2 ** -6], zeroPoint: [dtype === 'int8' ? -7 : 130] } }],
      };
    }),
    ...['NONE', 'RELU', 'RELU6', 'RELU_N1_TO_1'].map((fusedActivationFunction) => ({
      name: `uint32, ${fusedActivationFunction}`,
      options: { fusedActivationFunction },
      inputs: [
        { dtype: 'uint32' as const, shape: [5], data: Uint32Array.of(0, 1, 3, 7, 2 ** 32 - 1) },
        { dtype: 'uint32' as const, shape: [], data: Uint32Array.of(2 ** 31 + 1) },
      ],
      outputs: [{ dtype: 'uint32' as const, shape: [] }],
    })),
    {
      name: 'complex numbers times one of them',
      inputs: [
        { dtype: 'complex64', shape: [3], data: Float32Array.of(1, 2, -3, 0.5, 0, -1) },
        { dtype: 'complex64', shape: [], data: Float32Array.of(2, -1) },
      ],
      outputs: [{ dtype: 'complex64', shape: [3] }],
    },
  ],
  reference(node) {
    const [a, b, output] = [node.inputs[0]!, node.inputs[1]!, node.outputs[0]!];
    if (a.dtype === 'int16' && output.dtype !== 'int16') {
      // Fractions of 15 bits; 7 of them stay.
      const y = affine(output);
      return mapPairs(node, (p, q) => {
        const product = Math.floor(((p as number) * (q as number) + 2 ** 14) / 2 ** 15);
        return clampActivation(node.options.fusedActivationFunction, y, roundAway(product / 2 ** 8) + y.zeroPoint);
      });
    }
    // The lower limit wraps around to the largest number, and the upper one comes last.
    const wraps = a.dtype === 'uint32' && node.options.fusedActivationFunction === 'RELU_N1_TO_1';
    if (wraps) return mapPairs(node, () => 1);
    if (a.dtype !== 'complex64') return real.reference(node);
    const products: number[] = [];
    const positions = ({ shape, data }: ReferenceTensor) => ({
      dtype: 'int32' as const,
      shape,
      data: Int32Array.from({ length: data.length / 2 }, (_, i) => 2 * i),
    });
    const pairs = mapPairs({ ...node, inputs: [positions(a), positions(b)] }, (p, q) => {
      const [ar, ai] = (a.data as Float32Array).subarray(p as number);
      const [br, bi] = (b.data as Float32Array).subarray(q as number);
      return products.push(ar! * br! - ai! * bi!, ar! * bi! + ai! * br!);
    });
    return [{ shape: pairs[0]!.shape, data: Float32Array.from(products) }];
  },
} satisfies OpSpec;
