import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { badShape, input, invalid, output, unsupported } from '../graph/ir.js';
import { lowerPlain } from './shared/binary.js';
import { broadcastBlock } from './shared/broadcast.js';
import { typedAs } from './shared/typed.js';

/** The sum of any number of tensors of one shape, in order. */
export const addN = typedAs(0, {
  name: 'ADD_N',
  infer(node) {
    const [{ dtype, shape }, y] = [input(node, 0), output(node)];
    if (node.inputs.length < 2) throw invalid(node, 'at least two inputs expected');
    if (dtype !== 'float32' && dtype !== 'int32') throw unsupported(node, `inputs of type ${dtype}`);
    if (y.dtype !== dtype) throw invalid(node, `output is ${y.dtype}, expected ${dtype} as the inputs`);
    for (let i = 1; i < node.inputs.length; i++) {
      const other = input(node, i);
      if (other.dtype !== dtype) throw invalid(node, `inputs of types ${dtype} and ${other.dtype}`);
      if (`${other.shape}` !== `${shape}`) throw badShape(node, `inputs of shapes [${shape}] and [${other.shape}]`);
    }
    return [shape];
  },
  // The first two, if no later sum reads them again.
  inPlace: ({ inputs }) => [0, 1].filter((i) => inputs.lastIndexOf(inputs[i]!) < 2),
  lower(node, plan) {
    const y = output(node);
    const shape = plan.constant(broadcastBlock(y.shape, y.shape));
    let sum = input(node, 0);
    for (let i = 1; i < node.inputs.length; i++) {
      const x = input(node, i);
      lowerPlain(node, plan, BinaryOp.ADD, [sum, x], y, [sum, x, shape]);
      sum = y;
    }
  },
});
