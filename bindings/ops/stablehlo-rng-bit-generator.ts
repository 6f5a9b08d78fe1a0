import { byteLength, elementCount, typedArrayOf } from '../dtype.js';
import { badShape, input, type OpNode, output, unsupported } from '../graph/ir.js';
import { hostOperator } from './shared/host.js';
import { advance, philox, threefry } from './shared/random.js';

const isThreefry = (node: OpNode) => node.options.algorithm === 'THREEFRY';

/** Random bits of a state of 32-bit words, [key, counter, …], and the state after them. */
export const stablehloRngBitGenerator = hostOperator({
  name: 'STABLEHLO_RNG_BIT_GENERATOR',
  check(node) {
    const [{ dtype, shape }, state, y] = [input(node, 0), output(node, 0), output(node, 1)];
    if (dtype !== 'uint64' || state.dtype !== 'uint64') throw unsupported(node, `a state of type ${dtype}`);
    if (!/^u?int(32|64)$/.test(y.dtype)) throw unsupported(node, `output of type ${y.dtype}`);
    const sizes = isThreefry(node) ? [2] : [2, 3];
    if (shape.length !== 1 || !sizes.includes(shape[0]!)) {
      throw badShape(node, `the state must have ${sizes.join(' or ')} numbers, not [${shape}]`);
    }
  },
  shapes: ({ node, inputs }) => [inputs[0]!.shape, output(node, 1).shape],
  run({ node, inputs }) {
    const { shape, data } = inputs[0]!;
    const { dtype, shape: size } = output(node, 1);
    const state = new Uint32Array(data.slice().buffer);
    const [key0, key1] = state as unknown as [number, number];
    const draw = isThreefry(node) ? threefry : philox;
    // Only two words count; Philox has two more, which are the key where the state has none.
    const counter = isThreefry(node)
      ? state.slice(2)
      : Uint32Array.of(...state.subarray(2, 4), ...(shape[0] === 3 ? state.subarray(4) : state.subarray(0, 2)));
    const words = new Uint32Array(byteLength(dtype, elementCount(size)) / 4);
    for (let i = 0; i < words.length; ) {
      const drawn = draw(key0, key1, counter);
      words.set(drawn.subarray(0, words.length - i), i);
      i += drawn.length;
      advance(counter.subarray(0, 2), 1);
    }
    state.set(counter.subarray(0, 2), 2);
    return [
      { shape, data: new BigUint64Array(state.buffer) },
      { shape: size, data: new (typedArrayOf(dtype))(words.buffer) },
    ];
  },
});
