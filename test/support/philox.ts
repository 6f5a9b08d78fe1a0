// Philox 4x32-10 and Threefry 2x32-20 as the paper has them, on bigints.
const WORD = 0xffffffffn;
const high = (x: bigint) => (x >> 32n) & WORD;

export function philoxWords(key: readonly bigint[], counter: readonly bigint[]): bigint[] {
  let [k0, k1] = key as [bigint, bigint];
  let [a, b, c, d] = counter as [bigint, bigint, bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const [p, q] = [0xd2511f53n * a, 0xcd9e8d57n * c];
    [a, b, c, d] = [high(q) ^ b ^ k0, q & WORD, high(p) ^ d ^ k1, p & WORD];
    k0 = (k0 + 0x9e3779b9n) & WORD;
    k1 = (k1 + 0xbb67ae85n) & WORD;
  }
  return [a, b, c, d];
}

export function threefryWords(key: readonly bigint[], counter: readonly bigint[]): bigint[] {
  const keys = [key[0]!, key[1]!, key[0]! ^ key[1]! ^ 0x1bd11bdan];
  let x = (counter[0]! + keys[0]!) & WORD;
  let y = (counter[1]! + keys[1]!) & WORD;
  for (let round = 0; round < 20; round++) {
    const by = BigInt([13, 15, 26, 6, 17, 29, 16, 24][round % 8]!);
    x = (x + y) & WORD;
    y = (((y << by) | (y >> (32n - by))) & WORD) ^ x;
    if (round % 4 < 3) continue;
    const injection = (round + 1) / 4;
    x = (x + keys[injection % 3]!) & WORD;
    y = (y + keys[(injection + 1) % 3]! + BigInt(injection)) & WORD;
  }
  return [x, y];
}

const words = (x: bigint) => [x & WORD, high(x)];

/** The stream of TensorFlow's generator, four words a block: a 128-bit counter that begins with 64 zeros below the second seed. */
export function* philoxStream(seed: number | bigint, seed2: number | bigint, blocks = 0): Generator<number, never> {
  const key = words(BigInt.asUintN(64, BigInt(seed)));
  for (let counter = (BigInt.asUintN(64, BigInt(seed2)) << 64n) + BigInt(blocks); ; counter++) {
    const parts = [...words(counter), ...words(counter >> 64n)];
    for (const word of philoxWords(key, parts)) yield Number(word);
  }
}
