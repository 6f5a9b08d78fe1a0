import { importing, naming, TABLES, tableOf } from '../support/hash-table.js';
import { unchanged } from '../support/moving.js';
import { Rng } from '../support/random.js';
import { handle } from '../support/resources.js';
import type { OpCase, OpSpec } from '../support/spec.js';

function caseOf(rng: Rng): OpCase {
  const table = handle();
  const types = rng.pick(TABLES);
  return {
    name: `${types}`,
    inputs: [table],
    outputs: [{ dtype: 'int64', shape: [] }],
    before: [naming(0, types, table), importing(rng, table, types)],
  };
}

/** How many keys are in a table. */
export default {
  op: 'HASHTABLE_SIZE',
  tolerance: unchanged,
  reference: (node) => [{ shape: [1], data: BigInt64Array.of(BigInt(tableOf(node).size)) }],
  cases: [caseOf(new Rng(5))],
  random: caseOf,
} satisfies OpSpec as OpSpec;
