import { input } from '../graph/ir.js';
import { foldPads } from '../graph/rewrite.js';
import type { Operator } from './operator.js';
import { padding, paddings } from './shared/pad.js';

export const pad: Operator = {
  ...padding('PAD'),
  rewrite: foldPads,

  pads(node, known) {
    const { shape } = input(node, 0);
    if (shape.length !== 4 || node.inputs[2]) return null;
    const [[n0, n1], [top, bottom], [left, right], [c0, c1]] = paddings(node, known, 1, 4) as [Pair, Pair, Pair, Pair];
    return n0 + n1 + c0 + c1 > 0 ? null : { top, bottom, left, right };
  },
};

type Pair = [before: number, after: number];
