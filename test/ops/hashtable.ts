import { finding, importing, naming, optionsOf, TABLES } from '../support/hash-table.js';
import { unchanged } from '../support/moving.js';
import { Rng } from '../support/random.js';
import { handle, handleOf } from '../support/resources.js';
import type { OpCase, OpSpec } from '../support/spec.js';

/** What is put into the table shows where it is named once more; another table has its own. */
function caseOf(rng: Rng, shape: readonly number[]): OpCase {
  const [table, again, other] = [handle(shape), handle(), handle()];
  const [types, otherTypes] = [rng.pick(TABLES), rng.pick(TABLES)];
  const [id, otherId] = rng.pick([
    [0, 1],
    [7, -1],
  ] as const);
  return {
    name: `${types}, ${otherTypes}`,
    options: optionsOf(id, types),
    inputs: [],
    outputs: [table],
    after: [
      naming(otherId, otherTypes, other),
      importing(rng, table, types),
      importing(rng, other, otherTypes),
      naming(id, types, again),
      finding(again, types),
      finding(other, otherTypes),
    ],
  };
}

const rng = new Rng(5);

/** The number of a table. */
export default {
  op: 'HASHTABLE',
  tolerance: unchanged,
  reference: (node) => handleOf(node, `table ${node.options.tableId}`),
  cases: [[1], [], [3]].map((shape) => caseOf(rng, shape)),
  random: (rng) => caseOf(rng, rng.pick([[1], []])),
} satisfies OpSpec as OpSpec;
