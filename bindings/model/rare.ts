// What few models have: strings, sparse tensors, calls between subgraphs, quantization in blocks. Loaded on demand.
import { elementCount } from '../dtype.js';
import type { FlatbufferReader } from './flatbuffer.js';
import type {
  ByteRange,
  Indices,
  ModelDefinition,
  OperatorOptions,
  SparsityDefinition,
  SubgraphDefinition,
  TensorDefinition,
} from './model.js';
import type { RareForms } from './reader.js';
import { check, eachTensor, verifySize, within } from './verify.js';

interface RawSparsity {
  traversalOrder: number[];
  blockMap: number[];
  dimMetadata: {
    format: 'DENSE' | 'SPARSE_CSR';
    denseSize: number;
    arraySegments: RawIndexVector | null;
    arrayIndices: RawIndexVector | null;
  }[];
}

interface RawIndexVector {
  type: keyof typeof INDICES;
  value: { values: ByteRange | null };
}

const INDICES = { Int32Vector: Int32Array, Uint16Vector: Uint16Array, Uint8Vector: Uint8Array };

function sparsityOf(source: RawSparsity, reader: FlatbufferReader): SparsityDefinition {
  const indices = (vector: RawIndexVector | null): Indices => {
    const { offset, size } = vector?.value.values ?? { offset: 0, size: 0 };
    const type = INDICES[vector?.type ?? 'Uint8Vector'];
    const bytes = size * type.BYTES_PER_ELEMENT;
    reader.spend(bytes);
    return new type(reader.bytes.slice(offset, offset + bytes).buffer);
  };
  return {
    traversalOrder: source.traversalOrder,
    blockMap: source.blockMap,
    dimensions: source.dimMetadata.map(({ format, denseSize, arraySegments, arrayIndices }) => ({
      format,
      denseSize,
      segments: indices(arraySegments),
      indices: indices(arrayIndices),
    })),
  };
}

function verifyRare(model: ModelDefinition, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  eachTensor(model, (tensor, { tensors }) => {
    const { dtype, shape, buffer, sparsity, quantizationDetails: details } = tensor;
    if (details && details.kind !== 'CustomQuantization') {
      for (const index of [details.scales, details.zeroPoints]) {
        check(
          index === -1 || within(index, tensors.length),
          () => `quantization names tensor ${index} of ${tensors.length}`,
        );
      }
    }
    const range = model.buffers[buffer];
    if (sparsity) {
      check(!!range?.size, () => 'is sparse but has no data');
      verifySize(tensor, range, sparseElements(tensor));
    } else if (dtype === 'string' && range?.size) {
      verifyStrings(view, range.offset, range.size, elementCount(shape));
    }
  });
  verifyCalls(model.subgraphs);
}

/** A string tensor's buffer: int32 count, count + 1 offsets from the buffer's beginning, then the bytes. */
function verifyStrings(view: DataView, at: number, size: number, elements: number) {
  const count = size >= 4 ? view.getInt32(at, true) : -1;
  const header = 4 * (count + 2);
  check(count >= 0 && header <= size, () => `string table of ${count} entries in a buffer of ${size} bytes`);
  check(count === elements, () => `string table of ${count} entries, expected ${elements}`);
  let last = header;
  for (let i = 0; i <= count; i++) {
    const offset = view.getInt32(at + 4 + 4 * i, true);
    check(offset >= last && offset <= size, () => `string ${i} begins at ${offset}, outside ${last}..${size}`);
    last = offset;
  }
}

/** Checks sparse storage level by level; the number of elements it stores. */
function sparseElements({ sparsity, shape }: TensorDefinition): number {
  const { traversalOrder, blockMap, dimensions } = sparsity!;
  const rank = shape.length;
  const levels = rank + blockMap.length;
  check(
    traversalOrder.length === levels && dimensions.length === levels && new Set(traversalOrder).size === levels,
    () => `sparsity describes ${dimensions.length} dimensions, expected ${levels}`,
  );
  // Extents of the outer dimensions, in blocks, and of the block itself.
  const extents = [...shape];
  traversalOrder.forEach((d, level) => {
    check(within(d, levels), () => `sparsity: dimension ${d} of ${levels}`);
    if (d < rank) return;
    const outer = blockMap[d - rank]!;
    const size = dimensions[level]!.denseSize;
    check(within(outer, rank), () => `sparsity: block dimension ${d} divides dimension ${outer} of ${rank}`);
    check(
      size > 0 && extents[outer]! % size === 0,
      () => `sparsity: blocks of ${size} do not fit the shape [${shape}]`,
    );
    extents[outer]! /= size;
    extents[d] = size;
  });
  let stored = 1;
  dimensions.forEach(({ format, denseSize, segments, indices }, level) => {
    const extent = extents[traversalOrder[level]!]!;
    const where = () => `sparsity of dimension ${traversalOrder[level]}: `;
    if (format === 'DENSE') {
      check(denseSize === extent, () => `${where()}size ${denseSize}, expected ${extent}`);
      stored *= denseSize;
      return;
    }
    check(segments.length === stored + 1, () => `${where()}${segments.length} segments, expected ${stored + 1}`);
    let last = 0;
    let rises = segments[0] === 0;
    for (let i = 0; i <= stored; i++) {
      rises &&= segments[i]! >= last;
      last = segments[i]!;
    }
    check(rises, () => `${where()}segments do not rise from 0`);
    check(indices.length === last, () => `${where()}${indices.length} indices, expected ${last}`);
    // Thousands, in code that has just been loaded: a check of its own for each would take longer.
    let good = 0;
    while (good < last && within(indices[good]!, extent)) good++;
    check(good === last, () => `${where()}index ${indices[good]} of ${extent}`);
    stored = last;
  });
  return stored;
}

/** Options fields that hold subgraph indices. */
const CALLS = /subgraph|calledComputations/i;

/** The subgraphs that an operator's options name. */
export function calledBy(options: OperatorOptions): number[] {
  return Object.entries(options).flatMap(([name, value]) => (CALLS.test(name) ? value : []));
}

/** Subgraph indices of control flow, and that no subgraph ends up calling itself. */
function verifyCalls(subgraphs: readonly SubgraphDefinition[]) {
  const callees = subgraphs.map(({ operators }, s) => {
    const found = new Set(operators.flatMap(({ options }) => calledBy(options)));
    for (const c of found) {
      check(within(c, subgraphs.length), () => `subgraph ${s} calls subgraph ${c} of ${subgraphs.length}`);
    }
    return found;
  });
  // Topological order: take away what nobody calls until nothing is left, or only circles.
  const callers = subgraphs.map(() => 0);
  for (const found of callees) for (const c of found) callers[c]!++;
  const free = [...subgraphs.keys()].filter((s) => callers[s] === 0);
  for (const s of free) for (const c of callees[s]!) if (--callers[c]! === 0) free.push(c);
  check(free.length === subgraphs.length, () => {
    const circle = [...subgraphs.keys()].filter((s) => callers[s]! > 0);
    return `subgraphs call themselves or one another in a circle: ${circle.slice(0, 8).join(', ')}`;
  });
}

export const rareForms: RareForms = {
  sparsityOf: (source, reader) => sparsityOf(source as RawSparsity, reader),
  verify: verifyRare,
};
