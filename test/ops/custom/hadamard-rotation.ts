import { encode } from 'flatbuffers/js/flexbuffers.js';
import { readFlexMap } from '../../../bindings/model/flexbuffer.js';
import { Rng } from '../../support/random.js';
import type { OpCase, OpSpec } from '../../support/spec.js';

function build(rng: Rng, shape: readonly number[], size: number): OpCase {
  return {
    name: `[${shape}] by ${size}`,
    customOptions: new Uint8Array(encode({ hadamard_size: size, random_binary_vector: [1, -1] })),
    inputs: [rng.tensor('float32', shape)],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

const ones = (bits: number): number => (bits ? (bits & 1) + ones(bits >> 1) : 0);
const rng = new Rng(51);

/** Runs of `size` times the matrix of (-1)^(ones in i & j) / sqrt(size). */
export default {
  op: 'aeq.hadamard_rotation',
  custom: true,

  reference({ inputs: [x], customOptions }) {
    const size = Number(readFlexMap(customOptions!).hadamard_size);
    const data = Float32Array.from(x!.data as Float32Array);
    // The first two dimensions are rows and columns, but of three, the last ones.
    const [first, second, third] = x!.shape as [number, number, number];
    const [rows, width] = x!.shape.length === 3 ? [first * second, third] : [first, second];
    const runs = Number.isInteger(Math.log2(size)) ? rows * Math.floor(width / size) : 0;
    for (let run = 0; run < runs; run++) {
      const from = Array.from(x!.data as Float32Array).slice(run * size, (run + 1) * size);
      for (let i = 0; i < size; i++) {
        const sum = from.reduce((a, v, j) => a + (ones(i & j) % 2 ? -v : v), 0);
        data[run * size + i] = sum / Math.sqrt(size);
      }
    }
    return [{ shape: x!.shape, data }];
  },

  cases: [
    build(rng, [3, 64], 64),
    build(rng, [2, 3, 16], 4),
    build(rng, [5, 7], 2),
    build(rng, [2, 6], 3),
    build(rng, [1, 2, 5], 1),
    build(rng, [2, 8, 3, 4], 4),
  ],

  random(rng) {
    const shape = [...(rng.bool() ? [rng.int(1, 3)] : []), rng.int(1, 4), rng.dim()];
    return build(rng, shape, 2 ** rng.int(0, 4));
  },
} satisfies OpSpec as OpSpec;
