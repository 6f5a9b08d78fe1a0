// Hash tables: resources that map strings or integers to either, filled once.
import { invalid } from '../../graph/ir.js';
import type { HostCall, HostTensor } from './host.js';
import { type HashTable, resourcesOf } from './resources.js';

/** The number of the table in input 0. */
export const tableId = ({ inputs }: HostCall): number => Number(inputs[0]!.data[0]);

/** The table in input 0. */
export function table(call: HostCall): HashTable {
  const found = resourcesOf(call.session).tables.get(tableId(call));
  if (!found) throw invalid(call.node, 'the table is read before anything was imported into it');
  return found;
}

/** Elements as keys of a table, or values in it. */
export function keysOf({ strings }: HostCall, { dtype, data }: HostTensor) {
  return Array.from(data as ArrayLike<number | bigint>, (key) => (dtype === 'string' ? strings.get(Number(key)) : key));
}
