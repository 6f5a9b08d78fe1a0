import { binarySpec, fround, scaled } from '../support/elementwise.js';
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
