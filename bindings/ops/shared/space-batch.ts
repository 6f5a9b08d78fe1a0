import { elementCount } from '../../dtype.js';
import { badShape, count, input, type Known, type OpNode, output } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { paddings, zeroOf } from './pad.js';
import { type Axis, type Move, movement, steps, vector } from './strided-copy.js';
import { fill, transposing } from './striding.js';

/** Offsets k0..k0+ks within a block whose points o0..o0+os of the batch tensor lie inside the space tensor. */
interface Range {
  readonly k0: number;
  readonly ks: number;
  readonly o0: number;
  readonly os: number;
}

/**
 * Point o of the batch tensor, at offset k within blocks, is point o·block + k - pad of the space tensor, which has `n`
 * points. Neighbouring offsets share their range of o but for the borders, so there are few groups.
 */
function groups(n: number, points: number, block: number, pad: number): Range[] {
  const out: { k0: number; ks: number; o0: number; os: number }[] = [];
  for (let k = 0; k < block; k++) {
    const o0 = Math.max(0, Math.ceil((pad - k) / block));
    const os = Math.min(points, Math.ceil((n + pad - k) / block)) - o0;
    const last = out.at(-1);
    if (last?.o0 === o0 && last.os === os) last.ks++;
    else out.push({ k0: k, ks: 1, o0, os });
  }
  return out.filter((r) => r.os > 0);
}

/**
 * SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: the space tensor is [batch, spatial…, rest…]; in the batch tensor the position
 * within blocks has become the outer part of the batch. Padding of the space tensor is cropping on the way back.
 */
export function spaceBatch(name: string, toBatch: boolean): Operator {
  return movement(
    name,
    (node: OpNode, known: Known) => {
      const x = input(node, 0);
      const to = output(node);
      const spatial = count(input(node, 1));
      const block = vector(node, known, 1, spatial);
      const pads = paddings(node, known, 2, spatial);
      const blocks = elementCount(block);
      if (x.shape.length <= spatial || block.some((b) => b < 1)) {
        throw badShape(node, `blocks [${block}] do not fit [${x.shape}]`);
      }
      const shape = x.shape.map((n, i) => {
        if (i === 0) return toBatch ? n * blocks : n / blocks;
        if (i > spatial) return n;
        const [before, after] = pads[i - 1]!;
        return toBatch ? (n + before + after) / block[i - 1]! : n * block[i - 1]! - before - after;
      });
      if (shape.some((n) => n < 0 || !Number.isInteger(n))) {
        throw badShape(node, `blocks [${block}] with paddings [${pads}] do not divide [${x.shape}]`);
      }
      const [space, batch] = toBatch ? [x.shape, shape] : [shape, x.shape];
      const ss = steps(space);
      const bs = steps(batch);
      const rest = elementCount(space.slice(spatial + 1));
      // [points, step in the space tensor, step in the batch tensor]
      let boxes: { axes: Axis[]; space: number; batch: number }[] = [
        {
          axes: [
            [space[0]!, ss[0]!, bs[0]!],
            [rest, 1, 1],
          ],
          space: 0,
          batch: 0,
        },
      ];
      let blockStep = space[0]! * bs[0]!;
      for (let i = spatial; i >= 1; i--) {
        const b = block[i - 1]!;
        const pad = pads[i - 1]![0];
        const step = blockStep;
        const ranges = groups(space[i]!, batch[i]!, b, pad);
        boxes = boxes.flatMap((box) =>
          ranges.map(({ k0, ks, o0, os }) => ({
            axes: [...box.axes, [ks, ss[i]!, step], [os, b * ss[i]!, bs[i]!]],
            space: box.space + (o0 * b + k0 - pad) * ss[i]!,
            batch: box.batch + k0 * step + o0 * bs[i]!,
          })),
        );
        blockStep *= b;
      }
      const moves = boxes.map(
        (box): Move =>
          toBatch
            ? { from: x, to, axes: box.axes, fromOffset: box.space, toOffset: box.batch }
            : { from: x, to, axes: box.axes.map(([n, s, b]) => [n, b, s]), fromOffset: box.batch, toOffset: box.space },
      );
      const padded = toBatch && pads.some(([before, after]) => before + after > 0);
      if (padded) moves.unshift(fill(zeroOf(to), to, shape));
      return { shapes: [shape], moves, overlapping: padded };
    },
    transposing,
  );
}
