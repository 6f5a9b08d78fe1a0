import { elementCount } from '../../dtype.js';
import { checkShape, input, output, unsupported } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { hostOperator } from './host.js';
import { generatorOf, shapeIn } from './random.js';

/** Random numbers in a tensor of the shape in input 0; `distribution` makes four of four words. */
export function randomFloats(name: string, distribution: (words: Uint32Array) => readonly number[]): Operator {
  return hostOperator({
    name,
    stateful: true,
    check(node) {
      const [shape, y] = [input(node, 0), output(node)];
      if (shape.dtype !== 'int32') throw unsupported(node, `a shape of type ${shape.dtype}`);
      if (y.dtype !== 'float32') throw unsupported(node, `output of type ${y.dtype}`);
      checkShape(node, shape.shape.length === 1, () => `the shape must be a vector, not [${shape.shape}]`);
    },
    shapes: ({ node, inputs }) => [shapeIn(node, inputs[0]!)],
    run(call) {
      const shape = shapeIn(call.node, call.inputs[0]!);
      const data = new Float32Array(elementCount(shape));
      const generator = generatorOf(call);
      for (let i = 0; i < data.length; i += 4) data.set(distribution(generator.next()).slice(0, data.length - i), i);
      return [{ shape, data }];
    },
  });
}
