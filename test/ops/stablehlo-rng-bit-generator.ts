import { byteLength, type DType, elementCount, typedArrayOf } from '../../bindings/dtype.js';
import { philoxWords, threefryWords } from '../support/philox.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';

const SHAPE = [3, 5];

function caseOf(rng: Rng, algorithm: string, size: number, dtype: DType, last?: bigint): OpCase {
  const data = BigUint64Array.from({ length: size }, () => (BigInt(rng.word()) << 32n) | BigInt(rng.word()));
  if (last !== undefined) data[1] = last;
  return {
    name: `${algorithm}, state of ${size}, ${dtype}`,
    options: { algorithm },
    inputs: [{ dtype: 'uint64', shape: [size], data }],
    outputs: [
      { dtype: 'uint64', shape: [size] },
      { dtype, shape: SHAPE },
    ],
  };
}

const rng = new Rng(5);
const DTYPES: readonly DType[] = ['int32', 'uint32', 'int64', 'uint64'];
const FORMS = [
  ['DEFAULT', 2],
  ['PHILOX', 2],
  ['PHILOX', 3],
  ['THREEFRY', 2],
] as const;

export default {
  op: 'STABLEHLO_RNG_BIT_GENERATOR',
  tolerance: () => ({ lsb: 0 }),
  reference({ options, inputs: [x], outputs }) {
    const [key, start, extra] = x!.data as BigUint64Array;
    const split = (value: bigint) => [value & 0xffffffffn, value >> 32n];
    const { dtype, shape } = outputs[1]!;
    const words: number[] = [];
    let counter = start!;
    while (words.length * 4 < byteLength(dtype, elementCount(shape))) {
      const drawn =
        options.algorithm === 'THREEFRY'
          ? threefryWords(split(key!), split(counter))
          : philoxWords(split(key!), [...split(counter), ...split(extra ?? key!)]);
      words.push(...drawn.map(Number));
      counter = BigInt.asUintN(64, counter + 1n);
    }
    const bytes = Uint32Array.from(words).buffer.slice(0, byteLength(dtype, elementCount(shape)));
    const state = (x!.data as BigUint64Array).slice();
    state[1] = counter;
    return [
      { shape: x!.shape, data: state },
      { shape, data: new (typedArrayOf(dtype))(bytes) },
    ];
  },
  cases: [
    ...FORMS.flatMap(([algorithm, size]) => DTYPES.map((dtype) => caseOf(rng, algorithm, size, dtype))),
    { ...caseOf(rng, 'PHILOX', 3, 'uint64', 0xffffffffn), name: 'the counter carries' },
    { ...caseOf(rng, 'PHILOX', 3, 'uint64', 2n ** 64n - 2n), name: 'the counter wraps' },
  ],
} satisfies OpSpec as OpSpec;
