import { movable, smallShape, unchanged } from '../support/moving.js';
import { Rng } from '../support/random.js';
import { handle, resourceOf } from '../support/resources.js';
import type { OpCase, OpSpec } from '../support/spec.js';
import { assigning, reading, variable } from '../support/variables.js';

/** @param rank of what the variable holds before; negative for nothing */
function caseOf(rng: Rng, rank: number): OpCase {
  const name = handle();
  const x = { ...movable(rng, smallShape(rng, rng.int(0, 3))), constant: rng.bool(0.3) };
  const before = rank < 0 ? [] : [{ ...movable(rng, smallShape(rng, rank)), constant: true }];
  return {
    name: `${x.dtype} [${x.shape}]${before.map(({ dtype, shape }) => ` over ${dtype} [${shape}]`)}`,
    inputs: [name, x],
    outputs: [],
    before: [variable('v', name), ...before.map((old) => assigning(name, old))],
    after: [reading(name, x)],
  };
}

const rng = new Rng(5);

/** Keeps a tensor in a variable, whatever that held. */
export default {
  op: 'ASSIGN_VARIABLE',
  tolerance: unchanged,
  reference(node) {
    node.resources!.contents.set(resourceOf(node), node.inputs[1]!);
    return [];
  },
  cases: [-1, 0, 2].map((rank) => caseOf(rng, rank)),
  random: (rng) => caseOf(rng, rng.int(-1, 3)),
} satisfies OpSpec as OpSpec;
