import { Bounds, ScatterOp } from '../../assembly/lib/opcodes.js';
import { badShape, bytesOf, input, type OpNode, output } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { indexInput, runBytes } from './shared/indices.js';
import { steps } from './shared/strided-copy.js';
import { lowerWindows, type Windows, withCells } from './shared/windows.js';

/** Input 0 with input 1 in it from the position in input 2 on, which is moved so far that all of it is inside. */
export const dynamicUpdateSlice: Operator = {
  name: 'DYNAMIC_UPDATE_SLICE',

  infer(node) {
    const [x, update, start] = [input(node, 0), input(node, 1), indexInput(node, 2)];
    const rank = x.shape.length;
    if (
      `${start.shape}` !== `${rank}` ||
      update.shape.length !== rank ||
      update.shape.some((n, d) => n > x.shape[d]!)
    ) {
      throw badShape(node, `[${update.shape}] at a position [${start.shape}] of [${x.shape}]`);
    }
    const { cell } = withCells(windows(node));
    for (const from of [x, update]) runBytes(node, from, output(node), cell);
    return [x.shape];
  },

  inPlace: () => [0],

  lower(node, plan) {
    const x = input(node, 0);
    plan.copy(output(node), x, bytesOf(x));
    lowerWindows(plan, ScatterOp.WRITE, windows(node));
  },
};

function windows(node: OpNode): Windows {
  const [{ shape }, update] = [input(node, 0), input(node, 1)];
  const inner = steps(update.shape);
  return {
    tensor: output(node),
    indices: indexInput(node, 2),
    dense: update,
    points: [[1, 0, 0]],
    step: 1,
    axes: shape.map((n, d) => ({ n, window: update.shape[d]!, dense: inner[d]!, component: d })),
    bounds: Bounds.CLAMP,
  };
}
