import { badShape, invalid } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { striding } from './striding.js';

/**
 * Channel (i·block + j)·C + c of the deep NHWC tensor at (h, w) is channel c of the wide one at (h·block + i, w·block + j).
 * One copy, either way.
 */
export function spaceDepth(name: string, toDepth: boolean): Operator {
  return striding(name, (node, _, { shape: from }) => {
    const { blockSize: b } = node.options;
    if (!(b > 0)) throw invalid(node, `block size ${b} must be positive`);
    const [n, h, w, c] = from as [number, number, number, number];
    const divides = toDepth ? h % b === 0 && w % b === 0 : c % (b * b) === 0;
    if (from.length !== 4 || !divides) throw badShape(node, `blocks of ${b} do not divide [${from}]`);
    // Below, j and c are one axis: they are adjacent in both.
    if (toDepth) {
      const shape = [n, h / b, w / b, c * b * b];
      const axes = [
        [(n * h) / b, b * w * c] as const,
        [w / b, b * c] as const,
        [b, w * c] as const,
        [b * c, 1] as const,
      ];
      return { shape, axes };
    }
    const shape = [n, h * b, w * b, c / (b * b)];
    return { shape, axes: [[n * h, w * c] as const, [b, c / b] as const, [w, c] as const, [c / b, 1] as const] };
  });
}
