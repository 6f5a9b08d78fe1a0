import { binarySpec, scaled } from '../support/elementwise.js';
import { Rng } from '../support/random.js';
import { withShifts } from '../support/shifted-sums.js';
import type { OpSpec } from '../support/spec.js';

const spec = binarySpec({
  op: 'ADD',
  dtypes: ['float32', 'float16', 'int8', 'uint8', 'int16', 'int32', 'int64'],
  f: (a, b) => a + b,
  integer: (a, b) => a + b,
  quantized(qa, qb, a, b, y) {
    // Both inputs with 20 (int16: 15) more bits on twice the larger scale.
    const left = y.dtype === 'int16' ? 15 : 20;
    const twice = 2 * Math.max(a.scale, b.scale);
    const p = scaled((qa - a.zeroPoint) * 2 ** left, a.scale / twice);
    const q = scaled((qb - b.zeroPoint) * 2 ** left, b.scale / twice);
    return scaled(p + q, twice / (2 ** left * y.scale)) + y.zeroPoint;
  },
  activation: true,
  cases: [
    {
      name: 'infinities and NaN',
      inputs: [
        { dtype: 'float32', shape: [6], data: Float32Array.of(Infinity, -Infinity, NaN, 1, 0, -0) },
        { dtype: 'float32', shape: [], data: Float32Array.of(Infinity) },
      ],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],
});

const shifted = withShifts(spec, 1);
const rng = new Rng(9);
const bytes = (shape: readonly number[]) => rng.tensor('uint8', shape, { quantization: rng.quantization('uint8') });

export default {
  ...shifted,
  cases: [
    ...shifted.cases,
    {
      name: 'uint8 with an output that is declared as float32',
      options: { fusedActivationFunction: 'RELU' },
      inputs: [bytes([2, 5]), bytes([5])],
      outputs: [{ dtype: 'float32', shape: [], quantization: rng.quantization('uint8') }],
    },
  ],
  // The output's declared type does not count.
  reference: (node) => shifted.reference({ ...node, outputs: [{ ...node.outputs[0]!, dtype: node.inputs[1]!.dtype }] }),
} satisfies OpSpec as OpSpec;
