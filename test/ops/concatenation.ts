import { counting, element, MOVABLE, smallShape, tensorOf, unchanged } from '../support/moving.js';
import type { OpCase, OpSpec, ReferenceTensor } from '../support/spec.js';

const f = Math.fround;

/** TFLite's ConcatenationWithScaling (8-bit only): q·(s/S) - z·(s/S) in float, rounded half away from zero, plus Z. */
function requantize(
  q: number,
  from: ReferenceTensor,
  to: { dtype: string; quantization?: ReferenceTensor['quantization'] },
) {
  const [s, z] = [f(from.quantization!.scale[0]!), from.quantization!.zeroPoint[0]!];
  const [S, Z] = [f(to.quantization!.scale[0]!), to.quantization!.zeroPoint[0]!];
  if (s === S && z === Z) return q;
  const scale = f(s * f(1 / S));
  const bias = f(-z * scale);
  const real = f(f(q * scale) + bias);
  const rounded = Math.sign(real) * Math.round(Math.abs(real)) + Z;
  const [lo, hi] = to.dtype === 'uint8' ? [0, 255] : [-128, 127];
  return Math.min(hi, Math.max(lo, rounded));
}

/** Inputs one after the other along an axis. */
export default {
  op: 'CONCATENATION',
  tolerance: unchanged,

  reference({ inputs, options, outputs: [y] }) {
    const parts = inputs as ReferenceTensor[];
    const rank = parts[0]!.shape.length;
    const axis = (options.axis + rank) % rank;
    const shape = [...parts[0]!.shape];
    shape[axis] = parts.reduce((n, part) => n + part.shape[axis]!, 0);
    return [
      tensorOf(y!.dtype, shape, (index) => {
        const at = [...index];
        let i = 0;
        while (at[axis]! >= parts[i]!.shape[axis]!) at[axis]! -= parts[i++]!.shape[axis]!;
        const e = element(parts[i]!, at);
        return y!.quantization ? [requantize(e[0] as number, parts[i]!, y!)] : e;
      }),
    ];
  },

  cases: [
    {
      name: 'outer',
      options: { axis: 0 },
      inputs: [counting([1, 3]), counting([2, 3]), counting([0, 3])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    {
      name: 'inner',
      options: { axis: -1 },
      inputs: [counting([2, 2, 1]), counting([2, 2, 20])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng): OpCase {
    const rank = rng.int(1, 5);
    const axis = rng.int(-rank, rank - 1);
    const shape = smallShape(rng, rank);
    const quantized = rng.bool(0.4);
    const dtype = quantized ? rng.pick(['uint8', 'int8'] as const) : rng.pick(MOVABLE);
    const quantization = quantized ? rng.quantization(dtype) : undefined;
    const inputs = Array.from({ length: rng.int(1, 4) }, () => {
      const part = [...shape];
      part[(axis + rank) % rank] = rng.int(0, 5);
      return rng.tensor(dtype, part, {
        quantization: quantized && rng.bool() ? rng.quantization(dtype) : quantization,
        constant: rng.bool(0.1),
      });
    });
    return {
      name: `${inputs.map((x) => x.shape.join('x'))} along ${axis}`,
      options: { axis, fusedActivationFunction: 'NONE' },
      inputs,
      outputs: [{ dtype, shape: [], quantization }],
    };
  },
} satisfies OpSpec as OpSpec;
