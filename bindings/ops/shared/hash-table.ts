// Hash tables: resources that map strings or integers to either, filled once.
import type { DType } from '../../dtype.js';
import { checkShape, count, input, invalid, type OpNode, type Session } from '../../graph/ir.js';
import type { HostCall, HostTensor } from './host.js';

type Key = string | number | bigint;

export interface HashTable {
  readonly keys: DType;
  readonly values: DType;
  readonly entries: ReadonlyMap<Key, Key>;
}

const bySession = new WeakMap<Session, Map<number, HashTable>>();

/** The tables that were filled, by the number of their resource. */
export function tablesOf(session: Session): Map<number, HashTable> {
  let tables = bySession.get(session);
  if (!tables) {
    tables = new Map();
    bySession.set(session, tables);
  }
  return tables;
}

/** The number of the table in input 0. */
export const tableId = ({ inputs }: HostCall): number => Number(inputs[0]!.data[0]);

/** The table in input 0. */
export function table(call: HostCall): HashTable {
  const found = tablesOf(call.session).get(tableId(call));
  if (!found) throw invalid(call.node, 'the table is read before anything was imported into it');
  return found;
}

/** Elements as keys; strings as they are, for their numbers change. */
export function keysOf({ strings }: HostCall, { dtype, data }: HostTensor): Key[] {
  return Array.from(data as ArrayLike<number>, (key) => (dtype === 'string' ? strings.get(key) : key));
}

export function checkTable(node: OpNode): void {
  const handle = input(node, 0);
  if (handle.dtype !== 'resource') throw invalid(node, `input 0 is ${handle.dtype}, not resource`);
  checkShape(node, count(handle) === 1, () => `input 0 must be one resource, not [${handle.shape}]`);
}
