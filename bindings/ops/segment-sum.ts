import { elementCount, typedArrayOf } from '../dtype.js';
import { badShape, input, invalid, output, unsupported } from '../graph/ir.js';
import { type HostCall, hostOperator } from './shared/host.js';

/** Sums of slices of input 0; input 1 numbers their segments 0, 0, …, 1, …: there are as many as it says. */
export const segmentSum = hostOperator({
  name: 'SEGMENT_SUM',

  check(node) {
    const [x, ids, y] = [input(node, 0), input(node, 1), output(node)];
    if (x.dtype !== 'float32' && x.dtype !== 'int32') throw unsupported(node, `input of type ${x.dtype}`);
    if (ids.dtype !== 'int32') throw unsupported(node, `segments of type ${ids.dtype}`);
    if (y.dtype !== x.dtype) throw invalid(node, `output is ${y.dtype}, expected ${x.dtype}`);
    if (ids.shape.length !== 1 || ids.shape[0] !== x.shape[0]) {
      throw badShape(node, `segments [${ids.shape}] of [${x.shape}]`);
    }
  },

  shapes: (call) => [shapeOf(call)],

  run(call) {
    const [x, ids] = call.inputs;
    const shape = shapeOf(call);
    const n = elementCount(shape.slice(1));
    // The array rounds to float32, or wraps to int32.
    const data = new (typedArrayOf(x!.dtype))(elementCount(shape)) as Float32Array;
    const from = x!.data as Float32Array;
    for (const [i, id] of (ids!.data as Int32Array).entries()) {
      for (let k = 0; k < n; k++) data[id * n + k]! += from[i * n + k]!;
    }
    return [{ shape, data }];
  },
});

function shapeOf({ node, inputs: [x, ids] }: HostCall): number[] {
  const all = Array.from(ids!.data as Int32Array);
  if (all.some((id, i) => (i === 0 ? id !== 0 : id !== all[i - 1] && id !== all[i - 1]! + 1))) {
    throw badShape(node, `segments must be numbered in order, not [${all.slice(0, 8)}…]`);
  }
  return [(all.at(-1) ?? -1) + 1, ...x!.shape.slice(1)];
}
