import { Bounds, ScatterOp } from '../../assembly/lib/opcodes.js';
import { elementBits } from '../dtype.js';
import { badShape, bytesOf, input, type OpNode, output } from '../graph/ir.js';
import { indexInput, runBytes } from './shared/indices.js';
import { packBits, unpackedBits } from './shared/packed-bits.js';
import { steps } from './shared/strided-copy.js';
import { typedAs } from './shared/typed.js';
import { lowerWindows, type Windows, withCells } from './shared/windows.js';

/** Input 0 with input 1 in it from the position in input 2 on, which is moved so far that all of it is inside. */
export const dynamicUpdateSlice = typedAs(0, {
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
    const cell = isWhole(node) ? withCells(windows(node)).cell : 2;
    for (const from of [x, update]) runBytes(node, from, output(node), cell);
    return [x.shape];
  },

  inPlace: () => [0],

  lower(node, plan) {
    const [x, update, y] = [input(node, 0), input(node, 1), output(node)];
    if (isWhole(node)) {
      plan.copy(y, x, bytesOf(x));
      lowerWindows(plan, ScatterOp.WRITE, windows(node));
      return;
    }
    const elements = unpackedBits(plan, x);
    lowerWindows(plan, ScatterOp.WRITE, { ...windows(node), unpacked: [elements, unpackedBits(plan, update)] });
    packBits(plan, elements, y);
  },
});

/** Whether what moves together is whole bytes; int4 may begin within one. */
function isWhole(node: OpNode): boolean {
  const { dtype } = output(node);
  return dtype !== 'int4' || (elementBits(dtype) * withCells(windows(node)).cell) % 8 === 0;
}

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
