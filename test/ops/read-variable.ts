import { movable, smallShape, unchanged } from '../support/moving.js';
import { Rng } from '../support/random.js';
import { handle, resourceOf } from '../support/resources.js';
import type { OpCase, OpSpec, ReferenceTensor } from '../support/spec.js';
import { assigning, reading, variable } from '../support/variables.js';

/** @param later what it holds afterwards, which the value read before must not show; of any shape, or the same one */
function caseOf(rng: Rng, later: 'any' | 'same' | null): OpCase {
  const name = handle();
  const x = { ...movable(rng, smallShape(rng, rng.int(0, 3))), constant: true };
  const next = later === 'any' ? movable(rng, smallShape(rng, 1)) : rng.tensor(x.dtype, x.shape);
  const then = { ...next, constant: true };
  return {
    name: `${x.dtype} [${x.shape}]${later ? `, then ${then.dtype} [${then.shape}]` : ''}`,
    inputs: [name],
    outputs: [{ dtype: x.dtype, shape: [] }],
    before: [variable('v', name), assigning(name, x)],
    after: later ? [assigning(name, then), reading(name, then)] : [],
  };
}

const rng = new Rng(5);

/** What a variable holds. */
export default {
  op: 'READ_VARIABLE',
  tolerance: unchanged,
  reference(node) {
    const { shape, data } = node.resources!.contents.get(resourceOf(node)) as ReferenceTensor;
    return [{ shape, data }];
  },
  cases: ([null, 'same', 'any'] as const).map((later) => caseOf(rng, later)),
  random: (rng) => caseOf(rng, rng.pick([null, 'same', 'any'])),
} satisfies OpSpec as OpSpec;
