import { badShape, count, input, invalid, output } from '../graph/ir.js';
import { broadcastShape } from './shared/broadcast.js';
import { integers } from './shared/integers.js';
import { movement, vector } from './shared/strided-copy.js';

/** The shape that tensors of two given shapes broadcast to. */
export const broadcastArgs = movement('BROADCAST_ARGS', (node, known) => {
  const [a, b] = [input(node, 0), input(node, 1)];
  for (const x of [a, b]) {
    if (x.dtype !== output(node).dtype) throw invalid(node, `input is ${x.dtype}, output ${output(node).dtype}`);
    if (x.shape.length !== 1) throw badShape(node, `[${x.shape}] is no shape`);
  }
  const shape = broadcastShape(node, vector(node, known, 0, count(a)), vector(node, known, 1, count(b)));
  const data = integers(node, shape);
  return { shapes: [[shape.length]], moves: [{ from: data, to: output(node), axes: [[shape.length, 1, 1]] }] };
});
