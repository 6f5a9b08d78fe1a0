import { badShape, checkShape, count, input, output } from '../graph/ir.js';
import { movement, vector } from './shared/strided-copy.js';
import { fill as fillWith } from './shared/striding.js';
import { typedAs } from './shared/typed.js';

/** A tensor of the shape in input 0, every element that of input 1. */
export const fill = typedAs(
  1,
  movement('FILL', (node, known) => {
    const [wanted, value] = [input(node, 0), input(node, 1)];
    checkShape(node, wanted.shape.length === 1, () => `the shape must be a vector, not [${wanted.shape}]`);
    checkShape(node, count(value) === 1, () => `the value must be one element, not [${value.shape}]`);
    const shape = vector(node, known, 0, count(wanted));
    if (shape.some((n) => n < 0)) throw badShape(node, `shape [${shape}] has a negative dimension`);
    return { shapes: [shape], moves: [fillWith(value, output(node), shape)] };
  }),
);
