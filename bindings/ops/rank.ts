import { input, output } from '../graph/ir.js';
import { integers } from './shared/integers.js';
import { movement } from './shared/strided-copy.js';
import { typedAs } from './shared/typed.js';

export const rank = typedAs('int32', {
  ...movement('RANK', (node) => ({
    shapes: [[]],
    moves: [{ from: integers(node, [input(node, 0).shape.length]), to: output(node), axes: [] }],
  })),
  shapeOnly: true,
});
