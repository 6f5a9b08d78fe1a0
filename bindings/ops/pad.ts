import { input, output } from '../graph/ir.js';
import { foldPads } from '../graph/rewrite.js';
import type { Operator } from './operator.js';
import { padding, paddings, zeroOf } from './shared/pad.js';

/** Pads with zero, in a quantized output with its zero point. */
export const pad: Operator = {
  ...padding('PAD', (node) => zeroOf(output(node))),
  rewrite: foldPads,

  pads(node, known) {
    const { shape } = input(node, 0);
    if (shape.length !== 4) return null;
    const [[n0, n1], [top, bottom], [left, right], [c0, c1]] = paddings(node, known, 1, 4) as [Pair, Pair, Pair, Pair];
    return n0 + n1 + c0 + c1 > 0 ? null : { top, bottom, left, right };
  },
};

type Pair = [before: number, after: number];
