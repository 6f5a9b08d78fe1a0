import { elementBits, elementCount } from '../dtype.js';
import { ModelFormatError } from '../errors.js';
import type { ByteRange, ModelDefinition, SubgraphDefinition, TensorDefinition } from './model.js';

export function check(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new ModelFormatError(message());
}

/** No operator takes more dimensions than this by far. */
const MAX_RANK = 32;

export const within = (index: number, length: number) => index >= 0 && index < length;

/**
 * What a well-formed flatbuffer can still get wrong: indices, sizes of constants, the order of execution. After it, and
 * `verifyRare` for models that have more than dense numbers and one subgraph, the compiler may trust the model's structure;
 * what an operator wants of its inputs is its own business.
 */
export function verifyModel(model: ModelDefinition): void {
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
  eachTensor(model, (tensor) => verifyTensor(tensor, model));
  subgraphs.forEach((subgraph, s) => {
    located(
      () => `subgraph ${s}`,
      () => verifyGraph(subgraph, buffers),
    );
  });
}

/** Runs `body` for all tensors, and says where in its errors. */
export function eachTensor(
  { subgraphs }: ModelDefinition,
  body: (tensor: TensorDefinition, subgraph: SubgraphDefinition) => void,
): void {
  subgraphs.forEach((subgraph, s) => {
    subgraph.tensors.forEach((tensor, t) => {
      located(
        () => `subgraph ${s}, tensor ${t} '${tensor.name}'`,
        () => body(tensor, subgraph),
      );
    });
  });
}

/** Runs `body`, and says where in its errors. */
function located(where: () => string, body: () => void): void {
  try {
    body();
  } catch (error) {
    throw error instanceof ModelFormatError
      ? new ModelFormatError(`${where()}: ${error.message}`.slice(0, 1000))
      : error;
  }
}

function verifyTensor(tensor: TensorDefinition, { buffers }: ModelDefinition) {
  const { dtype, shape, shapeSignature, buffer, sparsity } = tensor;
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
  const range = buffers[buffer];
  if (!range) check(buffer === 0, () => `names buffer ${buffer} of ${buffers.length}`);
  if (range?.size && bits && dtype !== 'string' && !sparsity) verifySize(tensor, range, elements);
}

/** That a tensor's buffer holds as many elements as are stored. */
export function verifySize({ dtype, shape, buffer }: TensorDefinition, { size }: ByteRange, stored: number): void {
  const expected = Math.ceil((stored * elementBits(dtype)) / 8);
  check(
    size === expected,
    () => `buffer ${buffer} has ${size} bytes, a ${dtype} tensor of shape [${shape}] takes ${expected}`,
  );
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
