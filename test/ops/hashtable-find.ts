import { typedArrayOf } from '../../bindings/dtype.js';
import { entries, importing, naming, TABLES, tableOf } from '../support/hash-table.js';
import { smallShape, unchanged } from '../support/moving.js';
import { Rng } from '../support/random.js';
import { handle } from '../support/resources.js';
import type { OpCase, OpSpec } from '../support/spec.js';

function caseOf(rng: Rng, shape: readonly number[]): OpCase {
  const table = handle();
  const types = rng.pick(TABLES);
  const fallback = entries(rng, types[1], rng.pick([[1], []]), { constant: rng.bool() });
  return {
    name: `${types} [${shape}]`,
    inputs: [table, entries(rng, types[0], shape, { constant: rng.bool(0.3) }), fallback],
    outputs: [{ dtype: types[1], shape: [] }],
    before: [naming(0, types, table), importing(rng, table, types)],
  };
}

const rng = new Rng(5);

/** The values of keys; for those that are not in the table, input 2. */
export default {
  op: 'HASHTABLE_FIND',
  tolerance: unchanged,
  reference(node) {
    const [, keys, fallback] = node.inputs;
    const { data, shape } = keys!;
    const found = new (typedArrayOf(node.outputs[0]!.dtype))(data.length);
    for (const [i, key] of data.entries()) found[i] = (tableOf(node).get(key) ?? fallback!.data[0]!) as never;
    return [{ shape, data: found }];
  },
  cases: [[0], [7], [2, 3], []].map((shape) => caseOf(rng, shape)),
  random: (rng) => caseOf(rng, smallShape(rng, rng.int(0, 3))),
} satisfies OpSpec as OpSpec;
