import { input, output } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { integers } from './shared/integers.js';
import { movement } from './shared/strided-copy.js';

export const rank: Operator = {
  ...movement('RANK', (node) => ({
    shapes: [[]],
    moves: [{ from: integers(node, [input(node, 0).shape.length]), to: output(node), axes: [] }],
  })),
  shapeOnly: true,
};
