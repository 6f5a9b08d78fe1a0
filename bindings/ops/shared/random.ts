// Random bits from counters (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3"): a function of a key and a counter,
// so that results are the same everywhere. Words are unsigned; counters lie lowest word first.
import { invalid, type OpNode, output } from '../../graph/ir.js';
import type { HostCall, HostTensor } from './host.js';

/** The high 32 bits of a product of 32-bit words. */
function highProduct(a: number, b: number): number {
  const [al, bl] = [a & 0xffff, b & 0xffff];
  const [ah, bh] = [a >>> 16, b >>> 16];
  const middle = ah * bl + ((al * bl) >>> 16);
  return ah * bh + Math.floor(middle / 2 ** 16) + Math.floor(((middle % 2 ** 16) + al * bh) / 2 ** 16);
}

/** Philox 4x32 with ten rounds: the four words that `counter` stands for. */
export function philox(key0: number, key1: number, counter: Uint32Array): Uint32Array {
  let [a, b, c, d] = counter as unknown as [number, number, number, number];
  for (let round = 0; round < 10; round++) {
    const [p, q] = [highProduct(0xd2511f53, a), highProduct(0xcd9e8d57, c)];
    const [low, other] = [Math.imul(0xd2511f53, a), Math.imul(0xcd9e8d57, c)];
    [a, b, c, d] = [(q ^ b ^ key0) >>> 0, other >>> 0, (p ^ d ^ key1) >>> 0, low >>> 0];
    key0 = (key0 + 0x9e3779b9) >>> 0;
    key1 = (key1 + 0xbb67ae85) >>> 0;
  }
  return Uint32Array.of(a, b, c, d);
}

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
];

/** Threefry 2x32 with twenty rounds: the two words that `counter` stands for. */
export function threefry(key0: number, key1: number, counter: Uint32Array): Uint32Array {
  const keys = [key0, key1, key0 ^ key1 ^ 0x1bd11bda];
  let [x, y] = [(counter[0]! + key0) | 0, (counter[1]! + key1) | 0];
  for (let group = 0; group < 5; group++) {
    for (const bits of ROTATIONS[group % 2]!) {
      x = (x + y) | 0;
      y = ((y << bits) | (y >>> (32 - bits))) ^ x;
    }
    x = (x + keys[(group + 1) % 3]!) | 0;
    y = (y + keys[(group + 2) % 3]! + group + 1) | 0;
  }
  return Uint32Array.of(x, y);
}

/** Adds to a counter of so many words as it has; the carry out of the last is lost. */
export function advance(counter: Uint32Array, by: number): void {
  let carry = by;
  for (let i = 0; i < counter.length && carry; i++) {
    const sum = counter[i]! + carry;
    counter[i] = sum % 2 ** 32;
    carry = Math.floor(sum / 2 ** 32);
  }
}

/** A stream of Philox words as TensorFlow has it. */
export class Generator {
  constructor(
    readonly key: readonly [number, number],
    readonly counter: Uint32Array,
  ) {}

  static seeded(seed: bigint, seed2: bigint): Generator {
    const words = new Uint32Array(BigInt64Array.of(seed, seed2).buffer) as unknown as [number, number, number, number];
    return new Generator([words[0], words[1]], Uint32Array.of(0, 0, words[2], words[3]));
  }

  copy(): Generator {
    return new Generator(this.key, this.counter.slice());
  }

  /** The next four words. */
  next(): Uint32Array {
    const words = philox(...this.key, this.counter);
    advance(this.counter, 1);
    return words;
  }
}

const bySession = new WeakMap<object, Map<string, { readonly generator: Generator; readonly shapes: string }>>();

/**
 * The generator of a node, which goes on from run to run, until a run has other shapes of the model's inputs, or of what is
 * computed before the node: TFLite makes generators when it prepares nodes, and does so again for all behind a tensor of
 * which a run has changed the shape. Without a seed each interpreter has numbers of its own.
 */
export function generatorOf({ node, graph, session }: HostCall): Generator {
  const { seed = 0, seed2 = 0 } = node.options as { seed?: number | bigint; seed2?: number | bigint };
  const { id, name } = output(node);
  const key = `${node.op}:${node.index}:${id}:${name}:${seed}:${seed2}`;
  let generators = bySession.get(session);
  if (!generators) {
    generators = new Map();
    bySession.set(session, generators);
  }
  const before = graph.nodes.slice(0, graph.nodes.indexOf(node)).flatMap(({ outputs }) => outputs);
  const shapes = [...session.subgraph(0).graph.inputs, ...node.inputs, ...before]
    .map((value) => `${value?.shape}`)
    .join(';');
  let found = generators.get(key);
  if (found?.shapes !== shapes) {
    const [first, second] =
      Number(seed) || Number(seed2)
        ? [BigInt(seed), BigInt(seed2)]
        : (crypto.getRandomValues(new BigInt64Array(2)) as unknown as [bigint, bigint]);
    found = { generator: Generator.seeded(first, second), shapes };
    generators.set(key, found);
  }
  return found.generator;
}

const bits = new Uint32Array(2);
const single = new Float32Array(bits.buffer);
const double = new Float64Array(bits.buffer);

/** A float32 in [0, 1) from 23 random bits. */
export function uniform(word: number): number {
  bits[0] = (127 << 23) | (word & 0x7fffff);
  return single[0]! - 1;
}

/** A float64 in [0, 1) from 52 random bits. */
export function uniformDouble(high: number, low: number): number {
  bits[0] = low;
  bits[1] = (1023 << 20) | (high & 0xfffff);
  return double[0]! - 1;
}

/** A shape that an input holds. */
export function shapeIn(node: OpNode, { data }: HostTensor): number[] {
  const shape = Array.from(data as Int32Array, Number);
  if (shape.some((d) => d < 0)) throw invalid(node, `a shape of [${shape}]`);
  return shape;
}
