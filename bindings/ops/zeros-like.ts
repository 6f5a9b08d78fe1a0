import { typedArrayOf } from '../dtype.js';
import { input, output } from '../graph/ir.js';
import { checkMovable, movement } from './shared/strided-copy.js';
import { fill } from './shared/striding.js';
import { typedAs } from './shared/typed.js';

/** All bits zero, whatever the quantization. */
export const zerosLike = typedAs(
  0,
  movement('ZEROS_LIKE', (node) => {
    const x = input(node, 0);
    const y = output(node);
    checkMovable(node, x, y);
    return { shapes: [x.shape], moves: [fill(new (typedArrayOf(y.dtype))(2), y, x.shape)] };
  }),
);
