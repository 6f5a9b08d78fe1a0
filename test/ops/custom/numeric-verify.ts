import { encode } from 'flatbuffers/js/flexbuffers.js';
import type { DType } from '../../../bindings/dtype.js';
import { halfToFloat } from '../../../bindings/half.js';
import { Rng } from '../../support/random.js';
import type { OpCase, OpSpec } from '../../support/spec.js';

function build(rng: Rng, dtype: DType, shape: readonly number[], tolerance = 0, axis = -1): OpCase {
  const quantization =
    dtype === 'float16' ? undefined : axis < 0 ? rng.quantization(dtype) : rng.channelQuantization(shape[axis]!, axis);
  return {
    name: `${dtype} [${shape}]${axis < 0 ? '' : ` by axis ${axis}`}`,
    customOptions: new Uint8Array(encode({ tolerance, log_if_failed: true })),
    inputs: [rng.tensor(dtype, shape, { quantization }), rng.tensor('float32', shape)],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

const rng = new Rng(54);
const DTYPES = ['int8', 'uint8', 'int16', 'float16'] as const;

/** How far quantized numbers are from what they stand for. */
export default {
  op: 'NumericVerify',
  custom: true,

  reference({ inputs: [x, reference] }) {
    const { scale, zeroPoint, axis = 0 } = x!.quantization ?? { scale: [1], zeroPoint: [0] };
    const inner = x!.shape.slice(axis + 1).reduce((a, n) => a * n, 1);
    const data = Float32Array.from(x!.data as Int8Array, (q, i) => {
      const c = Math.floor(i / inner) % scale.length;
      const real = x!.dtype === 'float16' ? halfToFloat(q) : Math.fround(scale[c]!) * (q - zeroPoint[c]!);
      return Math.fround(real) - Number(reference!.data[i]);
    });
    return [{ shape: x!.shape, data }];
  },

  cases: [
    ...DTYPES.map((dtype) => build(rng, dtype, [3, 5])),
    build(rng, 'int8', [2, 3, 4], 0, 1),
    build(rng, 'int16', [7], 1e9),
    build(rng, 'uint8', [0, 2]),
  ],

  random(rng) {
    const shape = Array.from({ length: rng.int(0, 4) }, () => rng.int(1, 5));
    return build(rng, rng.pick(DTYPES), shape);
  },
} satisfies OpSpec as OpSpec;
