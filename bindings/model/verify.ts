import { elementBits, elementCount } from '../dtype.js';
import { ModelFormatError } from '../errors.js';
import type { ByteRange, ModelDefinition, OperatorDefinition, SubgraphDefinition, TensorDefinition } from './model.js';

function check(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new ModelFormatError(message());
}

/** No operator takes more dimensions than this by far. */
const MAX_RANK = 32;

const within = (index: number, length: number) => index >= 0 && index < length;

/**
 * What a well-formed flatbuffer can still get wrong: indices, sizes of constants, the order of execution, calls
 * between subgraphs. After it, the compiler may trust the model's structure; what an operator wants of its inputs
 * is its own business.
 */
export function verifyModel(model: ModelDefinition, bytes: Uint8Array): void {
  const { subgraphs, buffers } = model;
  check(subgraphs.length > 0, () => 'the model has no subgraph');
  for (const { name, buffer } of model.metadata) {
    check(within(buffer, buffers.length), () => `metadata '${name}' names buffer ${buffer} of ${buffers.length}`);
  }
  for (const { key, subgraph, inputs, outputs } of model.signatures) {
    const tensors = subgraphs[subgraph]?.tensors;
    check(tensors !== undefined, () => `signature '${key}' names subgraph ${subgraph} of ${subgraphs.length}`);
    for (const { name, tensor } of [...inputs, ...outputs]) {
      check(
        within(tensor, tensors.length),
        () => `signature '${key}': '${name}' names tensor ${tensor} of ${tensors.length}`,
      );
    }
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  subgraphs.forEach((subgraph, s) => {
    subgraph.tensors.forEach((tensor, t) => {
      located(`subgraph ${s}, tensor ${t} '${tensor.name}'`, () => verifyTensor(tensor, subgraph, model, view));
    });
    located(`subgraph ${s}`, () => verifyGraph(subgraph, buffers));
  });
  verifyCalls(subgraphs);
}

/** Runs `body`, and says where in its errors. */
function located(where: string, body: () => void): void {
  try {
    body();
  } catch (error) {
    throw error instanceof ModelFormatError ? new ModelFormatError(`${where}: ${error.message}`.slice(0, 1000)) : error;
  }
}

function verifyTensor(tensor: TensorDefinition, subgraph: SubgraphDefinition, model: ModelDefinition, view: DataView) {
  const { dtype, shape, shapeSignature, buffer, sparsity, quantizationDetails: details } = tensor;
  check(shape.length <= MAX_RANK, () => `${shape.length} dimensions, more than ${MAX_RANK}`);
  check(
    shape.every((d) => d >= 0),
    () => `negative dimension in the shape [${shape}]`,
  );
  const elements = elementCount(shape);
  const bits = elementBits(dtype);
  check(Number.isSafeInteger(elements * Math.max(bits, 8)), () => `shape [${shape}] is too large`);
  check(
    !shapeSignature || shapeSignature.length === shape.length,
    () => `shape signature [${shapeSignature}] does not fit the shape [${shape}]`,
  );
  if (details && details.kind !== 'CustomQuantization') {
    for (const index of [details.scales, details.zeroPoints]) {
      check(
        index === -1 || within(index, subgraph.tensors.length),
        () => `quantization names tensor ${index} of ${subgraph.tensors.length}`,
      );
    }
  }
  const range = model.buffers[buffer];
  if (!range) check(buffer === 0, () => `names buffer ${buffer} of ${model.buffers.length}`);
  if (sparsity) check(!!range?.size, () => 'is sparse but has no data');
  if (!range?.size) return;
  if (dtype === 'string') verifyStrings(view, range.offset, range.size, elements);
  else if (bits) {
    const stored = sparsity ? sparseElements(tensor) : elements;
    const expected = Math.ceil((stored * bits) / 8);
    check(
      range.size === expected,
      () => `buffer ${buffer} has ${range.size} bytes, a ${dtype} tensor of shape [${shape}] takes ${expected}`,
    );
  }
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
    for (const [i, segment] of segments.entries()) {
      check(segment >= last && (i > 0 || segment === 0), () => `${where()}segments do not rise from 0`);
      last = segment;
    }
    check(indices.length === last, () => `${where()}${indices.length} indices, expected ${last}`);
    for (const index of indices) check(within(index, extent), () => `${where()}index ${index} of ${extent}`);
    stored = last;
  });
  return stored;
}

/** Tensor indices, and that every tensor is there before it is used and made only once. */
function verifyGraph({ tensors, inputs, outputs, operators }: SubgraphDefinition, buffers: readonly ByteRange[]) {
  const name = (t: number) => `tensor ${t} '${tensors[t]!.name}'`;
  const checkIndices = (list: readonly number[], what: string, optional = false) => {
    for (const t of list) {
      check(
        within(t, tensors.length) || (optional && t === -1),
        () => `${what} names tensor ${t} of ${tensors.length}`,
      );
    }
  };
  const hasData = (t: number) => !!buffers[tensors[t]!.buffer]?.size;
  const there = new Set<number>();
  // Constants, state and empty tensors need nobody to make them.
  const isThere = (t: number) =>
    there.has(t) || hasData(t) || tensors[t]!.isVariable || elementCount(tensors[t]!.shape) === 0;
  checkIndices(inputs, 'an input');
  checkIndices(outputs, 'an output');
  for (const t of inputs) there.add(t);
  operators.forEach((operator, i) => {
    const node = `operator ${i} ${operator.op}`;
    checkIndices(operator.inputs, `${node}: an input`, true);
    checkIndices(operator.intermediates, `${node}: an intermediate`, true);
    checkIndices(operator.outputs, `${node}: an output`);
    for (const t of operator.inputs) {
      check(t < 0 || isThere(t), () => `${node} uses ${name(t)} before anything has made it`);
    }
    for (const t of operator.outputs) {
      check(!there.has(t), () => `${node} makes ${name(t)}, which is there already`);
      check(!hasData(t), () => `${node} makes ${name(t)}, which is constant`);
      there.add(t);
    }
  });
  for (const t of outputs) check(isThere(t), () => `output ${name(t)} is never made`);
}

/** Options fields that hold subgraph indices. */
const CALLS = /subgraph|calledComputations/i;

function calls(operator: OperatorDefinition): number[] {
  return Object.entries(operator.options).flatMap(([name, value]) => (CALLS.test(name) ? value : []));
}

/** Subgraph indices of control flow, and that no subgraph ends up calling itself. */
function verifyCalls(subgraphs: readonly SubgraphDefinition[]) {
  const callees = subgraphs.map(({ operators }, s) => {
    const found = new Set(operators.flatMap(calls));
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
