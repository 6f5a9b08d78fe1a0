import { elementCount } from '../../dtype.js';
import { count, input, invalid, type OpNode, optionalInput, type Shape } from '../../graph/ir.js';
import { reshaping, vector } from '../shared/reshaping.js';

/** Shapes of other types than int32 TFLite does not read: it goes by the option. */
function shapeInput(node: OpNode) {
  const shape = optionalInput(node, 1);
  return shape?.shape.length === 1 && (shape.dtype === 'int32' || !node.options.newShape?.length) ? shape : null;
}

/** With a second input that holds no int32, and with dimensions of 0 beside one that is unknown. */
export const reshape = reshaping('RESHAPE', (node, known) => {
  const x = input(node, 0);
  const tensor = shapeInput(node);
  let shape: number[] = [];
  if (tensor) shape = vector(node, known, 1, count(tensor));
  else if (`${node.options.newShape}` !== '0') shape = [...(node.options.newShape ?? [])];
  const unknown = shape.indexOf(-1);
  if (unknown >= 0) {
    const some = (dims: Shape) => elementCount(dims.filter((n) => n > 0));
    shape[unknown] = Math.floor((shape.includes(0) ? some(x.shape) : count(x)) / some(shape));
  }
  if (shape.some((n) => n < 0)) throw invalid(node, `new shape [${shape}] has a negative dimension`);
  return shape;
});
