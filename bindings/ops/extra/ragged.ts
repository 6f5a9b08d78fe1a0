// Tensors with rows of different lengths: values, one after the other, and where the rows begin.
import { byteLength, type DType, elementCount, type TypedArray, typedArrayOf } from '../../dtype.js';
import { badShape, input, invalid, type OpNode, output, unsupported } from '../../graph/ir.js';
import { readFlexMap } from '../../model/flexbuffer.js';
import type { Operator } from '../operator.js';
import { hostOperator } from '../shared/host.js';
import { attributesOf } from './flex.js';
import { checkSplits, integerResult, MOST, numbers } from './text.js';

function rangeSize(start: number, limit: number, delta: number): number {
  return Math.max(0, Math.ceil((limit - start) / delta));
}

/** Rows of numbers from a start to below a limit. */
function range(name: string): Operator {
  return hostOperator({
    name,
    check(node) {
      const { dtype } = output(node, 1);
      if (!['int32', 'int64', 'float32', 'float64'].includes(dtype)) throw unsupported(node, `values of type ${dtype}`);
      for (const i of [0, 1, 2]) {
        if (input(node, i).dtype !== dtype) throw invalid(node, `input ${i} is ${input(node, i).dtype}, not ${dtype}`);
      }
    },
    run(call) {
      const { node, inputs } = call;
      const columns = [0, 1, 2].map((i) => numbers(call, i));
      const sizes = columns.map(({ length }) => length).filter((length) => length !== 1);
      const rows = sizes[0] ?? 1;
      if (sizes.some((size) => size !== rows)) {
        throw badShape(node, `shapes ${inputs.map((value) => `[${value!.shape}]`).join(', ')}`);
      }
      const splits = [0];
      const ranges = Array.from({ length: rows }, (_, row) => {
        const [start, limit, delta] = columns.map((column) => column[column.length === 1 ? 0 : row]!);
        if (delta === 0) throw invalid(node, 'a step is 0');
        const size = rangeSize(start!, limit!, delta!);
        splits.push(splits.at(-1)! + size);
        return { start: start!, delta: delta!, size };
      });
      const total = splits.at(-1)!;
      if (!(total <= MOST)) throw badShape(node, `${total} values`);
      const { dtype } = output(node, 1);
      const data = new (typedArrayOf(dtype))(total);
      let at = 0;
      const single = dtype === 'float32';
      for (const { start, delta, size } of ranges) {
        let value = start;
        for (let i = 0; i < size; i++) {
          (data as Float64Array)[at++] = (dtype === 'int64' ? BigInt(value) : value) as number;
          value = single ? Math.fround(value + delta) : value + delta;
        }
      }
      return [integerResult(call, 0, splits), { shape: [total], data }];
    },
  });
}

export const raggedRange = range('RaggedRange');
export const flexRaggedRange = range('FlexRaggedRange');

/** The longest row of a partition. */
function width(kind: string, partition: readonly number[], least: number): number {
  if (kind === 'ROW_SPLITS') {
    const lengths = partition.slice(1).map((end, i) => end - partition[i]!);
    return lengths.length ? lengths.reduce((a, b) => Math.max(a, b), least) : 0;
  }
  let most = 0;
  let run = 0;
  for (const [i, row] of partition.entries()) {
    run = i > 0 && row === partition[i - 1] ? run + 1 : 1;
    most = Math.max(most, run);
  }
  return most;
}

/**
 * Where the rows of the next level begin in the output, by where those of this one do; -1 where they have no room.
 * `step` is the distance of two in a row, `size` how many a row takes.
 */
function place(kind: string, partition: readonly number[], parents: readonly number[], step: number, size: number) {
  const rows =
    kind === 'ROW_SPLITS'
      ? partition.slice(1).flatMap((end, row) => Array<number>(end - partition[row]!).fill(row))
      : partition;
  let column = 0;
  return rows.map((row, i) => {
    column = i > 0 && row === rows[i - 1] ? column + 1 : 0;
    const parent = parents[row]!;
    return parent < 0 || column >= size ? -1 : parent + column * step;
  });
}

function room(dtype: DType, size: number): TypedArray {
  return new (typedArrayOf(dtype))(byteLength(dtype, size) / typedArrayOf(dtype).BYTES_PER_ELEMENT);
}

/** A tensor of rows, each filled up with a default value. */
function toTensor(name: string, kindsOf: (node: OpNode) => readonly string[], leastWidth: number): Operator {
  return hostOperator({
    name,
    check(node) {
      const kinds = kindsOf(node);
      const bad = kinds.find((kind) => !['FIRST_DIM_SIZE', 'VALUE_ROWIDS', 'ROW_SPLITS'].includes(kind));
      if (bad !== undefined) throw invalid(node, `partition ${bad}`);
      const levels = kinds[0] === 'FIRST_DIM_SIZE' ? kinds.slice(1) : kinds;
      if (!levels.length || levels.includes('FIRST_DIM_SIZE')) throw invalid(node, `partitions ${kinds}`);
      if (kinds[0] === 'VALUE_ROWIDS') throw invalid(node, 'the first partition has no number of rows');
      if (node.inputs.length !== 3 + kinds.length) throw invalid(node, `${node.inputs.length} inputs`);
      const { dtype } = output(node);
      if (input(node, 1).dtype !== dtype || input(node, 2).dtype !== dtype || dtype.startsWith('complex')) {
        throw unsupported(node, `${input(node, 1).dtype} and ${input(node, 2).dtype} to ${dtype}`);
      }
    },
    run(call) {
      const { node, inputs } = call;
      const kinds = kindsOf(node);
      const partitions = kinds.map((_, i) => numbers(call, 3 + i));
      const counted = kinds[0] === 'FIRST_DIM_SIZE';
      const rows = counted ? partitions[0]![0]! : partitions[0]!.length - 1;
      if (!(rows >= 0 && rows <= MOST)) throw badShape(node, `${rows} rows`);
      const levels = kinds.map((kind, i) => ({ kind, partition: partitions[i]! })).slice(counted ? 1 : 0);
      const [wanted, values, initial] = inputs;
      const inner = values!.shape.slice(1);

      const given = wanted!.shape.length ? numbers(call, 0) : Array<number>(levels.length + 1 + inner.length).fill(-1);
      if (given.length !== levels.length + 1 + inner.length) {
        throw badShape(node, `${levels.length} ragged dimensions of [${values!.shape}] for the shape [${given}]`);
      }
      const shape = given.map((dim, i) => {
        if (i > levels.length) return inner[i - levels.length - 1]!;
        if (dim >= 0) return dim;
        return i === 0 ? rows : width(levels[i - 1]!.kind, levels[i - 1]!.partition, leastWidth);
      });

      const innerSize = elementCount(inner);
      let parents = Array.from({ length: rows }, (_, i) => {
        return i < shape[0]! ? i * elementCount(shape.slice(1)) : -1;
      });
      for (const [i, { kind, partition }] of levels.entries()) {
        if (kind === 'ROW_SPLITS') {
          const next = levels[i + 1];
          const count =
            next?.kind === 'ROW_SPLITS' ? next.partition.length - 1 : next ? partition.at(-1)! : values!.shape[0]!;
          checkSplits(node, partition, count);
          if (!(count <= MOST)) throw badShape(node, `${count} rows`);
          if (partition.length - 1 !== parents.length)
            throw badShape(node, `${partition.length} splits of ${parents.length} rows`);
        } else if (partition.some((row, k) => !(row >= 0 && row < parents.length) || row < (partition[k - 1] ?? 0))) {
          throw badShape(node, `row numbers of ${parents.length} rows`);
        }
        parents = place(kind, partition, parents, elementCount(shape.slice(i + 2)), shape[i + 1]!);
      }
      if (parents.length !== values!.shape[0]) throw badShape(node, `${parents.length} rows for [${values!.shape}]`);

      if (!(elementCount(shape) <= MOST)) throw badShape(node, `an output of shape [${shape}]`);
      const data = room(output(node).dtype, elementCount(shape)) as Float32Array;
      const from = values!.data as Float32Array;
      const filling = initial!.data as Float32Array;
      if (filling.length !== 1 && filling.length !== innerSize) {
        throw badShape(node, `a default of shape [${initial!.shape}] for elements of shape [${inner}]`);
      }
      for (let i = 0; i < data.length; i++) data[i] = filling[filling.length === 1 ? 0 : i % innerSize]!;
      for (const [i, at] of parents.entries()) {
        if (at >= 0) data.set(from.subarray(i * innerSize, (i + 1) * innerSize), at);
      }
      return [{ shape, data }];
    },
  });
}

/** TFLite Support's has rows of at least one value. */
export const raggedTensorToTensor = toTensor(
  'RaggedTensorToTensor',
  (node) => {
    const { row_partition_types: kinds } = readFlexMap(node.customOptions);
    if (!Array.isArray(kinds)) throw invalid(node, `option 'row_partition_types' is missing`);
    return kinds.map(String);
  },
  1,
);
export const flexRaggedTensorToTensor = toTensor(
  'FlexRaggedTensorToTensor',
  (node) => attributesOf(node).texts('row_partition_types'),
  0,
);
