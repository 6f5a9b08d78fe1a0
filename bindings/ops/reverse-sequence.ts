import { elementCount, elementSize } from '../dtype.js';
import { badShape, count, input, type OpNode, output } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { indexInput } from './shared/indices.js';
import { checkMovable } from './shared/strided-copy.js';

/** The first elements along `seqDim` in reverse, as many as input 1 says for each position along `batchDim`. */
export const reverseSequence: Operator = {
  name: 'REVERSE_SEQUENCE',

  infer(node) {
    const [x, lengths] = [input(node, 0), indexInput(node, 1)];
    const { sequence, batch } = dims(node);
    checkMovable(node, x, output(node));
    if (
      [sequence, batch].some((d) => !(d >= 0 && d < x.shape.length)) ||
      sequence === batch ||
      `${lengths.shape}` !== `${x.shape[batch]}`
    ) {
      throw badShape(node, `${lengths.shape} lengths along ${sequence} for ${batch} of [${x.shape}]`);
    }
    return [x.shape];
  },

  lower(node, plan) {
    const [x, lengths, y] = [input(node, 0), indexInput(node, 1), output(node)];
    if (count(x) === 0) return;
    const { sequence, batch } = dims(node);
    const inner = (d: number) => elementCount(x.shape.slice(d + 1));
    const last = Math.max(sequence, batch);
    const run = inner(last);
    plan.call(
      'xx_reverse_sequence',
      [
        ...([x, lengths, y, run * elementSize(x.dtype), elementSize(lengths.dtype)] as const),
        ...([x.shape[sequence]!, inner(sequence) / run, x.shape[batch]!, inner(batch) / run] as const),
      ],
      count(x) / run,
    );
  },
};

const dims = ({ options }: OpNode): { sequence: number; batch: number } => ({
  sequence: options.seqDim ?? 0,
  batch: options.batchDim ?? 0,
});
