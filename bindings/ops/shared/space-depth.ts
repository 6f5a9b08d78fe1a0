import { badShape, input, invalid, type OpNode, output } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { type Axis, movement } from './strided-copy.js';

/**
 * Channel (i·block + j)·C + c of the deep NHWC tensor at (h, w) is channel c of the wide one at (h·block + i, w·block + j).
 * One copy, either way.
 */
export function spaceDepth(name: string, toDepth: boolean): Operator {
  return movement(name, (node: OpNode) => {
    const x = input(node, 0);
    const { blockSize: b } = node.options;
    if (!(b > 0)) throw invalid(node, `block size ${b} must be positive`);
    const [n, h, w, c] = x.shape as [number, number, number, number];
    const whole = toDepth ? h % b === 0 && w % b === 0 : c % (b * b) === 0;
    if (x.shape.length !== 4 || !whole) throw badShape(node, `blocks of ${b} do not divide [${x.shape}]`);
    const shape = toDepth ? [n, h / b, w / b, c * b * b] : [n, h * b, w * b, c / (b * b)];
    const [, rows, columns, depth] = toDepth ? shape : x.shape;
    const channels = depth! / (b * b);
    const line = columns! * depth!;
    // [points, step in the wide tensor, step in the deep one]
    const axes: Axis[] = [
      [n * rows!, b * columns! * b * channels, line],
      [b, columns! * b * channels, b * channels],
      [columns!, b * channels, depth!],
      [b * channels, 1, 1],
    ];
    return {
      shapes: [shape],
      moves: [{ from: x, to: output(node), axes: toDepth ? axes : axes.map(([m, wide, deep]) => [m, deep, wide]) }],
    };
  });
}
