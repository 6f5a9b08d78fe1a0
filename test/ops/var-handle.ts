import { movable, smallShape, unchanged } from '../support/moving.js';
import { Rng } from '../support/random.js';
import { handle, handleOf } from '../support/resources.js';
import type { OpCase, OpSpec } from '../support/spec.js';
import { assigning, reading, variable } from '../support/variables.js';

/** What is assigned shows where the variable is named once more; another one has its own value. */
function caseOf(rng: Rng, shape: readonly number[]): OpCase {
  const [first, again, other] = [handle(shape), handle([]), handle()];
  const [x, y] = [0, 1].map(() => ({ ...movable(rng, smallShape(rng, 1)), constant: true }));
  return {
    name: `of ${x!.dtype} and of ${y!.dtype}`,
    options: { container: '', sharedName: 'x' },
    inputs: [],
    outputs: [first],
    after: [
      assigning(first, x!),
      variable('y', other),
      assigning(other, y!),
      variable('x', again),
      reading(again, x!),
      reading(other, y!),
    ],
  };
}

const rng = new Rng(5);

/** The number of a variable. */
export default {
  op: 'VAR_HANDLE',
  tolerance: unchanged,
  reference: (node) => handleOf(node, `variable ${node.options.container}/${node.options.sharedName}`),
  cases: [[1], [], [3]].map((shape) => caseOf(rng, shape)),
  random: (rng) => caseOf(rng, rng.pick([[1], []])),
} satisfies OpSpec as OpSpec;
