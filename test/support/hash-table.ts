// Hash tables of specifications: what nodes around the one that is specified make and fill.
import { elementCount, typedArrayOf } from '../../bindings/dtype.js';
import type { Rng } from './random.js';
import { resourceOf } from './resources.js';
import type { NodeSpec, ReferenceNode, TensorSpec } from './spec.js';
import { numbersOf } from './strings.js';

/** Values by keys; strings by their numbers. */
export type Table = Map<number | bigint, number | bigint>;

/** The table in input 0. */
export const tableOf = (node: ReferenceNode) => node.resources!.contents.get(resourceOf(node)) as Table;

/** Types of keys, then of values. */
export type Types = readonly [keys: 'string' | 'int64', values: 'string' | 'int64'];

/** What TFLite has tables of. */
export const TABLES: readonly Types[] = [
  ['string', 'int64'],
  ['int64', 'string'],
];

export const optionsOf = (tableId: number, [keys, values]: Types) => ({
  tableId,
  keyDtype: keys.toUpperCase(),
  valueDtype: values.toUpperCase(),
});

const WORDS = ['', 'a', 'ä', 'zwei Wörter', '𝄞', 'A', 'a '];

/** All that a table may hold, as elements of either type. */
const ALL = {
  string: numbersOf(WORDS),
  int64: BigInt64Array.from(WORDS, (_, n) => BigInt(n - 3) * 2n ** 40n),
};

/** Keys or values: few different ones. */
export function entries(
  rng: Rng,
  dtype: keyof typeof ALL,
  shape: readonly number[],
  extra: Partial<TensorSpec> = {},
): TensorSpec {
  const data = new (typedArrayOf(dtype))(elementCount(shape));
  for (let i = 0; i < data.length; i++)
    data[i] = rng.pick<number | bigint>(Array.from<number | bigint>(ALL[dtype])) as never;
  return { dtype, shape, data, ...extra };
}

/** Names a table. */
export const naming = (tableId: number, [keys, values]: Types, table: TensorSpec): NodeSpec => ({
  op: 'HASHTABLE',
  options: optionsOf(tableId, [keys, values]),
  inputs: [],
  outputs: [table],
});

/** Puts random entries into a table. */
export function importing(rng: Rng, table: TensorSpec, [keys, values]: Types): NodeSpec {
  const shape = [rng.int(0, 6)];
  const constant = { constant: true };
  const inputs = [table, entries(rng, keys, shape, constant), entries(rng, values, shape, constant)];
  return { op: 'HASHTABLE_IMPORT', inputs, outputs: [] };
}

/** Looks for all that a table may hold. */
export function finding(table: TensorSpec, [keys, values]: Types): NodeSpec {
  const all: TensorSpec = { dtype: keys, shape: [WORDS.length], data: ALL[keys], constant: true };
  const fallback = { dtype: values, shape: [1], data: ALL[values].slice(-1), constant: true };
  const outputs: TensorSpec[] = [{ dtype: values, shape: all.shape }];
  return { op: 'HASHTABLE_FIND', inputs: [table, all, fallback], outputs };
}
