// The reference and the cases that ARG_MAX and ARG_MIN share.
import { type DType, elementCount, typedArrayOf } from '../../bindings/dtype.js';
import type { Rng } from './random.js';
import type { OpCase, OpSpec, ReferenceNode } from './spec.js';

/** The first of the best elements along the axis; NaN is worse than every number. */
function reference(sign: number, { inputs, options }: ReferenceNode) {
  const x = inputs[0]!;
  const data = x.data as Float32Array;
  const axis = (Number(inputs[1]!.data[0]) + x.shape.length) % x.shape.length;
  const n = x.shape[axis]!;
  const outer = elementCount(x.shape.slice(0, axis));
  const inner = elementCount(x.shape.slice(axis + 1));
  const best = new (typedArrayOf(options.outputType === 'INT64' ? 'int64' : 'int32'))(outer * inner);
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < inner; c++) {
      const at = (r: number) => sign * data[(o * n + r) * inner + c]!;
      let index = 0;
      for (let r = 1; r < n; r++) if (at(r) > at(index) || (Number.isNaN(at(index)) && !Number.isNaN(at(r)))) index = r;
      best[o * inner + c] = best instanceof BigInt64Array ? BigInt(index) : index;
    }
  }
  return [{ shape: x.shape.filter((_, i) => i !== axis), data: best }];
}

function caseOf(rng: Rng, dtype: DType, shape: readonly number[], axis: number, to: DType = 'int32'): OpCase {
  const x = rng.tensor(dtype, shape, { quantization: /int8/.test(dtype) ? rng.quantization(dtype) : undefined });
  // Few different values, so that there are ties.
  if (rng.bool()) for (let i = 0; i < x.data!.length; i++) x.data![i] = Math.round(Number(x.data![i]) / 2) & 3;
  if (dtype === 'float32' && rng.bool(0.3))
    for (let i = 0; i < x.data!.length; i++) if (rng.bool(0.2)) x.data![i] = NaN;
  return {
    name: `${dtype} [${shape}] axis ${axis} to ${to}`,
    inputs: [x, { dtype: 'int32', shape: [], data: Int32Array.of(axis), constant: true }],
    options: { outputType: to.toUpperCase() },
    // What the file says does not count.
    outputs: [{ dtype: rng.pick([to, to, 'int32', 'int64', 'float32']), shape: [] }],
  };
}

const DTYPES: readonly DType[] = ['float32', 'int32', 'int8', 'uint8', 'bool'];

export function argSpec(op: string, sign: number, rng: Rng): OpSpec {
  return {
    op,
    reference: (node) => reference(sign, node),
    cases: DTYPES.flatMap((d) => [
      caseOf(rng, d, [2, 17, 3], 1),
      caseOf(rng, d, [3, 5, 21], -1, 'int64'),
      caseOf(rng, d, [7], 0, 'int64'),
      caseOf(rng, d, [5, 9], 0),
    ]),
    random(rng) {
      const shape = Array.from({ length: rng.int(1, 4) }, () => rng.int(1, 4));
      const axis = rng.int(0, shape.length - 1);
      shape[axis] = rng.dim();
      return caseOf(rng, rng.pick(DTYPES), shape, axis - (rng.bool() ? shape.length : 0), rng.pick(['int32', 'int64']));
    },
  };
}
