import { badShape, input, output } from '../graph/ir.js';
import { paddings } from './shared/pad.js';
import { type Axis, movement, steps } from './shared/strided-copy.js';

/** Pads with the input mirrored at its borders; SYMMETRIC repeats the border element, REFLECT does not. */
export const mirrorPad = movement('MIRROR_PAD', (node, known) => {
  const x = input(node, 0);
  const skip = node.options.mode === 'SYMMETRIC' ? 0 : 1;
  const pads = paddings(node, known, 1, x.shape.length);
  const shape = x.shape.map((n, d) => pads[d]![0] + n + pads[d]![1]);
  const xs = steps(x.shape);
  const ys = steps(shape);
  let boxes: { axes: Axis[]; fromOffset: number; toOffset: number }[] = [{ axes: [], fromOffset: 0, toOffset: 0 }];
  for (const [d, n] of x.shape.entries()) {
    const [before, after] = pads[d]!;
    if (Math.max(before, after) > n - skip) throw badShape(node, `paddings ${before}, ${after} exceed dimension ${n}`);
    const ranges = [
      { size: before, x: before - 1 + skip, step: -1, y: 0 },
      { size: n, x: 0, step: 1, y: before },
      { size: after, x: n - 1 - skip, step: -1, y: before + n },
    ].filter((r) => r.size > 0);
    boxes = boxes.flatMap((box) =>
      ranges.map((r) => ({
        axes: [...box.axes, [r.size, r.step * xs[d]!, ys[d]!]],
        fromOffset: box.fromOffset + r.x * xs[d]!,
        toOffset: box.toOffset + r.y * ys[d]!,
      })),
    );
  }
  return { shapes: [shape], moves: boxes.map((box) => ({ from: x, to: output(node), ...box })) };
});
