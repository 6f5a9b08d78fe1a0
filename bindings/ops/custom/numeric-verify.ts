import { elementCount } from '../../dtype.js';
import { badShape, count, input, invalid, output, unsupported } from '../../graph/ir.js';
import { halfToFloat } from '../../half.js';
import { readFlexMap } from '../../model/flexbuffer.js';
import { hostOperator } from '../shared/host.js';

const QUANTIZED = ['int8', 'uint8', 'int16'];

/** What quantization has changed: input 0 as real numbers, less input 1. With `log_if_failed`, a change beyond tolerance is an error. */
export const numericVerify = hostOperator({
  name: 'NumericVerify',
  check(node) {
    const [x, reference, y] = [input(node, 0), input(node, 1), output(node)];
    if (x.dtype !== 'float16' && !QUANTIZED.includes(x.dtype)) throw unsupported(node, `input of type ${x.dtype}`);
    if (x.dtype !== 'float16' && !x.quantization?.scale.length) throw invalid(node, `'${x.name}' is not quantized`);
    if (reference.dtype !== 'float32' || y.dtype !== 'float32') {
      throw invalid(node, `the reference is ${reference.dtype}, the output ${y.dtype}`);
    }
    if (count(reference) !== count(x)) throw badShape(node, `[${x.shape}] and [${reference.shape}] differ`);
  },
  shapes: ({ inputs }) => [inputs[0]!.shape],
  run({ node, inputs }) {
    const { fround } = Math;
    const [{ data: x, shape, quantization, dtype }, { data: reference }] = [inputs[0]!, inputs[1]!];
    const { scale, zeroPoint, axis } = quantization ?? { scale: [0], zeroPoint: [0], axis: 0 };
    const inner = elementCount(shape.slice(axis + 1));
    const real = (q: number, i: number) => {
      const c = Math.floor(i / inner) % scale.length;
      return dtype === 'float16' ? halfToFloat(q) : fround(scale[c]! * (q - zeroPoint[c]!));
    };
    const data = Float32Array.from(x as Int8Array, (q, i) => real(q, i) - Number(reference[i]));
    const map = readFlexMap(node.customOptions);
    const tolerance = fround(Number(map.tolerance ?? 0));
    if (map.log_if_failed && tolerance >= 0.1) {
      const most = fround(tolerance * scale[0]!);
      const failed = data.findIndex((d) => Math.abs(d) > most);
      if (failed >= 0) throw invalid(node, `element ${failed} is off by ${data[failed]}, ${most} allowed`);
    }
    return [{ shape, data }];
  },
});
