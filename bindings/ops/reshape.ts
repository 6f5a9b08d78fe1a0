import { elementCount } from '../dtype.js';
import { count, input, invalid, optionalInput, type Shape } from '../graph/ir.js';
import { reshaping, vector } from './shared/reshaping.js';

/** The new shape is input 1 where that is a vector, else an option; there, [0] is an old way to say scalar. */
export const reshape = reshaping('RESHAPE', (node, known) => {
  const x = input(node, 0);
  const tensor = optionalInput(node, 1);
  let shape: number[];
  if (tensor?.shape.length === 1) {
    shape = vector(node, known, 1, count(tensor));
  } else {
    shape = [...(node.options.newShape ?? [])];
    if (shape.length === 1 && shape[0] === 0) shape = [];
  }
  const unknown = shape.indexOf(-1);
  if (unknown >= 0) {
    // Zeros on both sides cancel each other.
    const some = (dims: Shape) => elementCount(dims.filter((n) => n > 0));
    shape[unknown] = Math.floor((shape.includes(0) ? some(x.shape) : count(x)) / some(shape));
  }
  if (shape.some((n) => n < 0)) throw invalid(node, `new shape [${shape}] has a negative dimension`);
  return shape;
});
