import { checkShape, input, invalid, type OpNode, optionalInput, output, unsupported } from '../graph/ir.js';
import { pack } from '../graph/strings.js';
import { fingerprint64 } from './shared/farmhash.js';
import { hostOperator } from './shared/host.js';

/** Dense: an output an element of the hash functions. Sparse: the bits of each function make one number. */
const isSparse = (node: OpNode) => node.options.type === 'SPARSE';

/** Bits of what hash functions (given by their seeds) make of the slices of a tensor, whose weighted sum's sign counts. */
export const lshProjection = hostOperator({
  name: 'LSH_PROJECTION',
  check(node) {
    const [hash, x, weights, y] = [input(node, 0), input(node, 1), optionalInput(node, 2), output(node)];
    if (!isSparse(node) && node.options.type !== 'DENSE') throw invalid(node, `type ${node.options.type}`);
    if (hash.dtype !== 'float32') throw unsupported(node, `hash functions of type ${hash.dtype}`);
    if (weights && weights.dtype !== 'float32') throw unsupported(node, `weights of type ${weights.dtype}`);
    if (y.dtype !== 'int32') throw unsupported(node, `output of type ${y.dtype}`);
    checkShape(
      node,
      hash.shape.length === 2 && hash.shape[1]! <= 32,
      () => `hash functions of shape [${hash.shape}], not [n, bits] with at most 32 bits`,
    );
    checkShape(node, x.shape[0]! > 0, () => `input of shape [${x.shape}]`);
    checkShape(
      node,
      !weights || (weights.shape.length === 1 && weights.shape[0] === x.shape[0]),
      () => `weights of shape [${weights!.shape}] for [${x.shape}]`,
    );
  },
  shapes({ node, inputs }) {
    const [functions, bits] = inputs[0]!.shape as [number, number];
    return [[isSparse(node) ? functions : functions * bits]];
  },
  run({ node, inputs, strings }) {
    const [hash, x, weights] = inputs;
    const [functions, bits] = hash!.shape as [number, number];
    const items = x!.shape[0]!;
    // Of strings TFLite hashes pieces of equal length of their buffer, offsets and all.
    const bytes =
      x!.dtype === 'string'
        ? pack(Array.from(x!.data as Int32Array, (id) => strings.get(id)))
        : new Uint8Array(x!.data.buffer, x!.data.byteOffset, x!.data.byteLength);
    const size = Math.floor(bytes.length / items);
    const key = new Uint8Array(4 + size);
    const seeds = new DataView(key.buffer);
    const signs = Array.from(hash!.data as Float32Array, (seed) => {
      seeds.setFloat32(0, seed, true);
      let score = 0;
      for (let i = 0; i < items; i++) {
        key.set(bytes.subarray(i * size, (i + 1) * size), 4);
        score += Number(BigInt.asIntN(64, fingerprint64(key))) * Number(weights?.data[i] ?? 1);
      }
      return score > 0 ? 1 : 0;
    });
    if (!isSparse(node)) return [{ shape: [functions * bits], data: Int32Array.from(signs) }];
    const data = Int32Array.from({ length: functions }, (_, i) => {
      const signature = signs.slice(i * bits, (i + 1) * bits).reduce<number>((all, bit) => (all << 1) | bit, 0);
      // Signatures of different functions are different numbers.
      return signature + Math.imul(i, 1 << bits);
    });
    return [{ shape: [functions], data }];
  },
});
