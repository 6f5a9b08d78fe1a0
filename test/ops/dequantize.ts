import { elementCount } from '../../bindings/dtype.js';
import { fround, mapElements } from '../support/elementwise.js';
import { withHalves } from '../support/halves.js';
import { PACKED, unpack } from '../support/packed.js';
import type { OpSpec, ReferenceTensor } from '../support/spec.js';

export default {
  op: 'DEQUANTIZE',
  cases: [],
  random(rng) {
    const dtype = rng.pick(['int8', 'uint8', 'int16', 'float16', 'float32', ...PACKED] as const);
    const shape = Array.from({ length: rng.int(1, 4) }, () => rng.dim(20));
    const axis = rng.int(0, shape.length - 1);
    const channels = rng.bool(0.4) && (dtype === 'int8' || dtype === 'uint8' || PACKED.includes(dtype));
    const quantization =
      dtype === 'float16' || dtype === 'float32'
        ? undefined
        : channels
          ? rng.channelQuantization(shape[axis]!, axis)
          : rng.quantization(dtype);
    return {
      name: `${dtype}${channels ? ` per channel of axis ${axis}` : ''}`,
      inputs: [rng.tensor(dtype, shape, { quantization })],
      outputs: [{ dtype: /^u?int8$/.test(dtype) && !channels && rng.bool(0.3) ? 'float16' : 'float32', shape }],
    };
  },
  tolerance: () => ({ rtol: 0, atol: 0 }),
  reference: withHalves((node) => {
    const [packed] = node.inputs as [ReferenceTensor];
    const { dtype } = packed;
    const data = PACKED.includes(dtype) ? unpack(dtype, packed.data, elementCount(packed.shape)) : packed.data;
    const x = { ...packed, data };
    if (!x.quantization) return mapElements(node, (v) => v);
    const { scale, zeroPoint, axis = 0 } = x.quantization;
    const inner = x.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    let i = 0;
    return mapElements({ ...node, inputs: [x] }, (q) => {
      const channel = Math.floor(i++ / inner) % scale.length;
      return fround(fround(scale[channel]!) * ((q as number) - zeroPoint[channel]!));
    });
  }),
} satisfies OpSpec;
