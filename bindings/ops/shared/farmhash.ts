// FarmHash's Fingerprint64, which is the same on every machine: of strings in StringToHashBucketFast, of keys in LSH_PROJECTION.

const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;

type Pair = readonly [bigint, bigint];

const u64 = (x: bigint) => BigInt.asUintN(64, x);
const rotate = (x: bigint, n: bigint) => (u64(x) >> n) | u64(x << (64n - n));
const mix = (x: bigint) => u64(x) ^ (u64(x) >> 47n);
const hash16 = (u: bigint, v: bigint, mul: bigint) => u64(mix((v ^ mix((u ^ v) * mul)) * mul) * mul);

export function fingerprint64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (i: number) => view.getBigUint64(i, true);
  const n = bytes.length;
  const length = BigInt(n);
  const mul = K2 + 2n * length;

  if (n === 0) return K2;
  if (n < 4) {
    const y = BigInt(bytes[0]! + (bytes[n >> 1]! << 8));
    const z = length + BigInt(bytes[n - 1]! << 2);
    return u64(mix((y * K2) ^ (z * K0)) * K2);
  }
  if (n < 8) {
    const word = (i: number) => BigInt(view.getUint32(i, true));
    return hash16(length + (word(0) << 3n), word(n - 4), mul);
  }
  if (n <= 16) {
    const [a, b] = [at(0) + K2, at(n - 8)];
    return hash16(rotate(b, 37n) * mul + a, (rotate(a, 25n) + b) * mul, mul);
  }
  if (n <= 64) {
    const [a, b] = [at(0) * (n <= 32 ? K1 : K2), at(8)];
    const [c, d] = [at(n - 8) * mul, at(n - 16) * K2];
    const y = rotate(a + b, 43n) + rotate(c, 30n) + d;
    const z = hash16(y, a + rotate(b + K2, 18n) + c, mul);
    if (n <= 32) return z;
    const [e, f] = [at(16) * mul, at(24)];
    const [g, h] = [(y + at(n - 32)) * mul, (z + at(n - 24)) * mul];
    return hash16(rotate(e + f, 43n) + rotate(g, 30n) + h, e + rotate(f + a, 18n) + g, mul);
  }

  let x = 81n * K2 + at(0);
  let y = u64(81n * K1 + 113n);
  let z = u64(mix(y * K2 + 113n) * K2);
  let v: Pair = [0n, 0n];
  let w: Pair = [0n, 0n];
  /** Mixes in 32 bytes. */
  const weak = (i: number, a: bigint, b: bigint): Pair => {
    const first = u64(a + at(i));
    const sum = u64(first + at(i + 8) + at(i + 16));
    return [u64(sum + at(i + 24)), u64(rotate(b + first + at(i + 24), 21n) + rotate(sum, 44n) + first)];
  };
  const block = (i: number, mul: bigint, last: boolean) => {
    const by = last ? 9n : 1n;
    x = u64(rotate(x + y + v[0] + at(i + 8), 37n) * mul) ^ u64(w[1] * by);
    y = u64(rotate(y + v[1] + at(i + 48), 42n) * mul + v[0] * by + at(i + 40));
    z = u64(rotate(z + w[0], 33n) * mul);
    v = weak(i, v[1] * mul, x + w[0]);
    w = weak(i + 32, z + w[1], y + at(i + 16));
    [z, x] = [x, z];
  };
  const rest = (n - 1) & 63;
  for (let i = 0; i < n - 1 - rest; i += 64) block(i, K1, false);
  const lastMul = K1 + ((z & 0xffn) << 1n);
  w = [w[0] + BigInt(rest), w[1]];
  v = [u64(v[0] + w[0]), v[1]];
  w = [u64(w[0] + v[0]), w[1]];
  block(n - 64, lastMul, true);
  const first = hash16(v[0], w[0], lastMul) + mix(y) * K0 + z;
  return hash16(u64(first), u64(hash16(v[1], w[1], lastMul) + x), lastMul);
}
