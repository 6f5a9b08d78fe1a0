import { elementCount } from '../dtype.js';
import { checkShape, input, output } from '../graph/ir.js';
import { movement } from './shared/strided-copy.js';
import { fill } from './shared/striding.js';
import { typedAs } from './shared/typed.js';
import { zero } from './shared/zero.js';

/** Square matrices of zeros with the rows of the input as diagonals. */
export const matrixDiag = typedAs(
  0,
  movement('MATRIX_DIAG', (node) => {
    const x = input(node, 0);
    const y = output(node);
    checkShape(node, x.shape.length > 0, () => 'a scalar is no diagonal');
    const n = x.shape.at(-1)!;
    const shape = [...x.shape, n];
    const diagonals = {
      from: x,
      to: y,
      axes: [
        [elementCount(x.shape.slice(0, -1)), n, n * n],
        [n, 1, n + 1],
      ],
    } as const;
    return { shapes: [shape], moves: [fill(zero(y.dtype), y, shape), diagonals], overlapping: true };
  }),
);
