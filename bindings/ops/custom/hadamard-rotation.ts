import { badShape, bytesOf, count, input, invalid, type OpNode, output, unsupported } from '../../graph/ir.js';
import { readFlexMap } from '../../model/flexbuffer.js';
import type { Operator } from '../operator.js';

function sizeOf(node: OpNode): number {
  const size = Math.trunc(Number(readFlexMap(node.customOptions).hadamard_size));
  if (!(size > 0)) throw invalid(node, `option hadamard_size is ${size}`);
  return size;
}

/** AI Edge Quantizer's rotation of activations: Walsh-Hadamard transforms of neighbours along the last axis. */
export const hadamardRotation: Operator = {
  name: 'aeq.hadamard_rotation',
  infer(node) {
    const [x, y] = [input(node, 0), output(node)];
    if (x.dtype !== 'float32' || y.dtype !== 'float32') throw unsupported(node, `${x.dtype} to ${y.dtype}`);
    if (x.shape.length < 2) throw badShape(node, `an input of rank 2 or more, not [${x.shape}]`);
    sizeOf(node);
    return [x.shape];
  },
  inPlace: () => [0],
  lower(node, plan) {
    const [x, y, size] = [input(node, 0), output(node), sizeOf(node)];
    plan.copy(y, x, bytesOf(x));
    // TFLite says that other sizes make no sense, and goes on without.
    if (size & (size - 1)) return;
    // Beyond rank 3, TFLite takes the first two dimensions for all, so that it leaves the rest as it is.
    const shape = x.shape.length === 3 ? x.shape : x.shape.slice(0, 2);
    const rows = shape.slice(0, -1).reduce((a, n) => a * n, 1);
    // What is left over of a row shifts the next one's runs.
    if (count(x)) plan.call('f32_hadamard', [y, size], rows * Math.floor(shape.at(-1)! / size));
  },
};
