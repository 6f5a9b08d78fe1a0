import { binarySpec, fround, scaled } from '../support/elementwise.js';
import { Rng } from '../support/random.js';
import type { OpSpec } from '../support/spec.js';

const real = binarySpec({
  op: 'MUL',
  dtypes: ['float32', 'float16', 'int8', 'uint8', 'int16', 'int32', 'int64'],
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
    const [a, b] = [node.inputs[0]!, node.inputs[1]!];
    if (a.dtype !== 'complex64') return real.reference(node);
    const [br, bi] = b.data as Float32Array;
    const data = new Float32Array(a.data.length);
    for (let i = 0; i < data.length; i += 2) {
      const [ar, ai] = [a.data[i] as number, a.data[i + 1] as number];
      data[i] = ar * br! - ai * bi!;
      data[i + 1] = ar * bi! + ai * br!;
    }
    return [{ shape: a.shape, data }];
  },
} satisfies OpSpec;
