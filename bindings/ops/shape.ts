import { input, output } from '../graph/ir.js';
import { integers } from './shared/integers.js';
import { movement } from './shared/strided-copy.js';
import { typedByOption } from './shared/typed.js';

export const shape = typedByOption('outType', {
  ...movement('SHAPE', (node) => {
    const { shape } = input(node, 0);
    return {
      shapes: [[shape.length]],
      moves: [{ from: integers(node, shape), to: output(node), axes: [[shape.length, 1, 1]] }],
    };
  }),
  shapeOnly: true,
});
