import { checkShape, input } from '../graph/ir.js';
import { keysOf, tableId } from './shared/hash-table.js';
import { hostOperator } from './shared/host.js';
import { resourceInput, resourcesOf } from './shared/resources.js';

/** Fills a table. What was filled once stays as it is, and of equal keys the first one counts. */
export const hashtableImport = hostOperator({
  name: 'HASHTABLE_IMPORT',
  stateful: true,
  check(node) {
    resourceInput(node);
    const [keys, values] = [input(node, 1).shape, input(node, 2).shape];
    checkShape(node, `${keys}` === `${values}`, () => `keys [${keys}] and values [${values}] must have one shape`);
  },
  run(call) {
    const { tables } = resourcesOf(call.session);
    const id = tableId(call);
    if (tables.has(id)) return [];
    const [, keys, values] = call.inputs;
    const [k, v] = [keysOf(call, keys!), keysOf(call, values!)];
    const entries = new Map(k.map((key, i) => [key, v[i]!] as const).reverse());
    tables.set(id, { keys: keys!.dtype, values: values!.dtype, entries });
    return [];
  },
});
