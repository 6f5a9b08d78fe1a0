import { elementCount } from '../dtype.js';
import { badShape, count, input, output } from '../graph/ir.js';
import { movement } from './shared/strided-copy.js';
import { typedAs } from './shared/typed.js';

/** The matrices of input 0 with the rows of input 1 as diagonals. */
export const matrixSetDiag = typedAs(0, {
  ...movement('MATRIX_SET_DIAG', (node) => {
    const [x, diagonal, y] = [input(node, 0), input(node, 1), output(node)];
    const [rows, columns] = x.shape.slice(-2);
    const batches = elementCount(x.shape.slice(0, -2));
    const n = Math.min(rows!, columns!);
    if (columns === undefined || count(diagonal) !== batches * n) {
      throw badShape(node, `[${diagonal.shape}] are not the diagonals of [${x.shape}]`);
    }
    const diagonals = {
      from: diagonal,
      to: y,
      axes: [
        [batches, n, rows! * columns],
        [n, 1, columns + 1],
      ],
    } as const;
    return { shapes: [x.shape], moves: [{ from: x, to: y, axes: [[count(x), 1, 1]] }, diagonals], overlapping: true };
  }),
  inPlace: () => [0],
});
