import { Bounds, ScatterOp } from '../../assembly/lib/opcodes.js';
import { badShape, bytesOf, input, output } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { indexInput } from './shared/indices.js';
import { checkMovable, steps } from './shared/strided-copy.js';
import { lowerWindows } from './shared/windows.js';

/** Input 0 with input 1 in it from the position in input 2 on, which is moved so far that all of it is inside. */
export const dynamicUpdateSlice: Operator = {
  name: 'DYNAMIC_UPDATE_SLICE',

  infer(node) {
    const [x, update, start] = [input(node, 0), input(node, 1), indexInput(node, 2)];
    checkMovable(node, x, output(node));
    checkMovable(node, update, output(node));
    const rank = x.shape.length;
    if (
      `${start.shape}` !== `${rank}` ||
      update.shape.length !== rank ||
      update.shape.some((n, d) => n > x.shape[d]!)
    ) {
      throw badShape(node, `[${update.shape}] at a position [${start.shape}] of [${x.shape}]`);
    }
    return [x.shape];
  },

  inPlace: () => [0],

  lower(node, plan) {
    const [x, update, start, y] = [input(node, 0), input(node, 1), indexInput(node, 2), output(node)];
    plan.copy(y, x, bytesOf(x));
    const inner = steps(update.shape);
    lowerWindows(plan, ScatterOp.WRITE, {
      tensor: y,
      indices: start,
      dense: update,
      points: [[1, 0, 0]],
      step: 1,
      axes: x.shape.map((n, d) => ({ n, window: update.shape[d]!, dense: inner[d]!, component: d })),
      bounds: Bounds.CLAMP,
    });
  },
};
