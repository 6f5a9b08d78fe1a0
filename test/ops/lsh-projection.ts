import type { DType } from '../../bindings/dtype.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec, TensorSpec } from '../support/spec.js';

const WORD = 2n ** 64n - 1n;
const [K1, K2] = [0xb492b66fbe98f273n, 0x9ae16a3b2f90404fn];
const rotate = (x: bigint, by: bigint) => ((x >> by) | (x << (64n - by))) & WORD;
const mix = (x: bigint) => x ^ (x >> 47n);

/** FarmHash's Fingerprint64 for up to 64 bytes. */
function fingerprint(bytes: readonly number[]): bigint {
  const n = bytes.length;
  const fetch = (from: number, length = 8) =>
    bytes.slice(from, from + length).reduce((sum, byte, i) => sum + (BigInt(byte) << BigInt(8 * i)), 0n);
  const factor = (K2 + 2n * BigInt(n)) & WORD;
  const hash = (u: bigint, v: bigint) => {
    const a = mix(((u ^ v) * factor) & WORD);
    return (mix(((v ^ a) * factor) & WORD) * factor) & WORD;
  };
  if (n < 8) return hash(BigInt(n) + (fetch(0, 4) << 3n), fetch(n - 4, 4));
  if (n <= 16) {
    const a = (fetch(0) + K2) & WORD;
    const b = fetch(n - 8);
    return hash((rotate(b, 37n) * factor + a) & WORD, ((rotate(a, 25n) + b) * factor) & WORD);
  }
  const a = (fetch(0) * (n <= 32 ? K1 : K2)) & WORD;
  const b = fetch(8);
  const c = (fetch(n - 8) * factor) & WORD;
  const d = (fetch(n - 16) * K2) & WORD;
  const y = (rotate((a + b) & WORD, 43n) + rotate(c, 30n) + d) & WORD;
  const z = hash(y, (a + rotate((b + K2) & WORD, 18n) + c) & WORD);
  if (n <= 32) return z;
  const e = (fetch(16) * factor) & WORD;
  const f = fetch(24);
  const g = ((y + fetch(n - 32)) * factor) & WORD;
  const h = ((z + fetch(n - 24)) * factor) & WORD;
  return hash((rotate((e + f) & WORD, 43n) + rotate(g, 30n) + h) & WORD, (e + rotate((f + a) & WORD, 18n) + g) & WORD);
}

function caseOf(rng: Rng, type: string, hash: readonly number[], x: TensorSpec, weighted: boolean): OpCase {
  return {
    name: `${type} of ${x.dtype} [${x.shape}]${weighted ? ', weighted' : ''}`,
    options: { type },
    inputs: [rng.tensor('float32', hash), x, ...(weighted ? [rng.tensor('float32', [x.shape[0]!])] : [])],
    outputs: [{ dtype: 'int32', shape: [] }],
  };
}

const rng = new Rng(5);
const DTYPES: readonly DType[] = ['int32', 'float32', 'int8', 'int64', 'uint8', 'int16'];

export default {
  op: 'LSH_PROJECTION',
  tolerance: () => ({ lsb: 0 }),
  reference({ options, inputs: [hash, x, weights] }) {
    const [functions, bits] = hash!.shape as [number, number];
    const n = x!.shape[0]!;
    const bytes = Array.from(new Uint8Array(x!.data.buffer.slice(0) as ArrayBuffer));
    const size = bytes.length / n;
    const signs = Array.from(hash!.data as Float32Array, (seed) => {
      const head = Array.from(new Uint8Array(Float32Array.of(seed).buffer));
      let score = 0;
      for (let i = 0; i < n; i++) {
        const value = Number(BigInt.asIntN(64, fingerprint([...head, ...bytes.slice(i * size, (i + 1) * size)])));
        score += ((weights?.data[i] as number | undefined) ?? 1) * value;
      }
      return score > 0 ? 1 : 0;
    });
    if (options.type === 'DENSE') return [{ shape: [functions * bits], data: Int32Array.from(signs) }];
    const data = Int32Array.from({ length: functions }, (_, i) => {
      const signature = signs.slice(i * bits, (i + 1) * bits).reduce<number>((sum, bit) => 2 * sum + bit, 0);
      return signature + i * 2 ** bits;
    });
    return [{ shape: [functions], data }];
  },
  cases: [
    ...DTYPES.map((dtype) => caseOf(rng, 'DENSE', [3, 2], rng.tensor(dtype, [5]), false)),
    caseOf(rng, 'SPARSE', [4, 7], rng.tensor('int32', [6, 2]), true),
    caseOf(rng, 'SPARSE', [2, 3], rng.tensor('float32', [3, 11]), false),
    caseOf(rng, 'DENSE', [4, 7], rng.tensor('uint8', [2, 60]), true),
  ],
  random: (rng) =>
    caseOf(
      rng,
      rng.pick(['DENSE', 'SPARSE']),
      [rng.int(1, 4), rng.int(1, 12)],
      rng.tensor('uint8', [rng.int(1, 8), rng.int(1, 60)]),
      rng.bool(),
    ),
} satisfies OpSpec as OpSpec;
