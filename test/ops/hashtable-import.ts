import { entries, finding, importing, naming, TABLES, type Table, tableOf } from '../support/hash-table.js';
import { unchanged } from '../support/moving.js';
import { Rng } from '../support/random.js';
import { handle, resourceOf } from '../support/resources.js';
import type { OpCase, OpSpec } from '../support/spec.js';

function caseOf(rng: Rng, shape: readonly number[], filled: boolean): OpCase {
  const table = handle();
  const types = rng.pick(TABLES);
  const constant = rng.bool();
  return {
    name: `${types} [${shape}]${filled ? ', once more' : ''}`,
    inputs: [table, entries(rng, types[0], shape, { constant }), entries(rng, types[1], shape, { constant })],
    outputs: [],
    before: [naming(3, types, table), ...(filled ? [importing(rng, table, types)] : [])],
    after: [
      finding(table, types),
      { op: 'HASHTABLE_SIZE', inputs: [table], outputs: [{ dtype: 'int64', shape: [1] }] },
    ],
  };
}

const rng = new Rng(5);

/** Fills a table, unless it was filled before. Of equal keys the first one counts. */
export default {
  op: 'HASHTABLE_IMPORT',
  tolerance: unchanged,
  reference(node) {
    if (tableOf(node)) return [];
    const [keys, values] = node.inputs.slice(1).map((x) => Array.from(x!.data as Iterable<number | bigint>));
    const table: Table = new Map();
    for (const [i, key] of keys!.entries()) if (!table.has(key)) table.set(key, values![i]!);
    node.resources!.contents.set(resourceOf(node), table);
    return [];
  },
  cases: [false, true].flatMap((filled) => [[0], [9], [2, 2]].map((shape) => caseOf(rng, shape, filled))),
  random: (rng) => caseOf(rng, [rng.int(0, 12)], rng.bool(0.3)),
} satisfies OpSpec as OpSpec;
