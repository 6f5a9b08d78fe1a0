// Takes tf.Example messages, which hold lists of numbers or strings by name, apart into tensors.
import { elementCount } from '../../dtype.js';
import { badShape, input, invalid, type OpNode, output, unsupported } from '../../graph/ir.js';
import { toBinary, toBytes } from '../../graph/strings.js';
import { readFlexbuffer } from '../../model/flexbuffer.js';
import type { Operator } from '../operator.js';
import { type HostCall, type HostResult, hostOperator } from '../shared/host.js';
import { attributesOf } from './flex.js';
import { Message } from './protobuf.js';
import { texts } from './text.js';

type Values = readonly (number | bigint | string)[];

/** Field of a Feature by what an output holds. */
const LISTS = { string: 1, float32: 2, int64: 3 } as const;
type Kind = keyof typeof LISTS;

/** Where inputs are, and how many outputs of each kind there are. */
interface Layout {
  readonly sparse: number;
  readonly dense: number;
  /** Key number `i`: an input, and an element of it. */
  readonly sparseKey: (i: number) => readonly [input: number, element: number];
  readonly denseKey: (i: number) => readonly [input: number, element: number];
  readonly defaults: number;
}

/** The options are a map, or those of a Flex node. */
function option(node: OpNode, name: string): number {
  const options = readFlexbuffer(node.customOptions ?? new Uint8Array(), toBinary);
  if (Array.isArray(options)) return attributesOf(node).integer(name);
  const value = options !== null && typeof options === 'object' ? options[name] : undefined;
  return typeof value === 'number' ? value : 0;
}

function first(node: OpNode): Layout {
  const [sparse, dense] = [option(node, 'Nsparse'), option(node, 'Ndense')];
  return {
    sparse,
    dense,
    sparseKey: (i) => [2 + i, 0],
    denseKey: (i) => [2 + sparse + i, 0],
    defaults: 2 + sparse + dense,
  };
}

/** Keys are vectors; there are ragged outputs, which TFLite has not. */
function second(node: OpNode): Layout {
  const [sparse, dense] = [option(node, 'num_sparse'), elementCount(input(node, 3).shape)];
  return { sparse, dense, sparseKey: (i) => [2, i], denseKey: (i) => [3, i], defaults: 5 };
}

/** An example's values of a name: null where it has none. */
function valuesOf(node: OpNode, feature: Message | undefined, key: string, kind: Kind): Values | null {
  if (!feature || Object.values(LISTS).every((field) => !feature.has(field))) return null;
  if (!feature.has(LISTS[kind])) throw invalid(node, `feature '${key}' is not ${kind}`);
  const list = feature.message(LISTS[kind]);
  if (kind === 'string') return list.list(1).map(toBinary);
  return kind === 'float32' ? list.floats(1) : list.integers(1);
}

function featuresOf(example: string): Map<string, Message> {
  const entries = new Message(toBytes(example)).message(1).list(1);
  return new Map(
    entries.map((bytes) => {
      const entry = new Message(bytes);
      return [toBinary(entry.bytes(1) ?? new Uint8Array()), entry.message(2)];
    }),
  );
}

function tensor({ strings }: HostCall, kind: Kind, shape: readonly number[], values: Values): HostResult {
  if (kind === 'string') return { shape, data: Int32Array.from(values as string[], (text) => strings.id(text)) };
  return {
    shape,
    data: kind === 'float32' ? Float32Array.from(values as number[]) : BigInt64Array.from(values as bigint[]),
  };
}

function parser(name: string, layoutOf: (node: OpNode) => Layout): Operator {
  return hostOperator({
    name,
    check(node) {
      const { sparse, dense, defaults } = layoutOf(node);
      if (node.outputs.length !== 3 * sparse + dense)
        throw unsupported(node, `${node.outputs.length} outputs (ragged?)`);
      if (input(node, 0).dtype !== 'string') throw invalid(node, `examples of type ${input(node, 0).dtype}`);
      for (let i = 0; i < sparse + dense; i++) {
        const { dtype } = output(node, i < sparse ? sparse + i : 2 * sparse + i);
        if (!(dtype in LISTS)) throw unsupported(node, `features of type ${dtype}`);
        const initial = i < sparse ? null : input(node, defaults + i - sparse);
        if (initial && initial.dtype !== dtype) throw invalid(node, `a default of type ${initial.dtype} for ${dtype}`);
      }
    },
    run(call) {
      const { node, inputs } = call;
      const { sparse, dense, sparseKey, denseKey, defaults } = layoutOf(node);
      const examples = texts(call, 0).map(featuresOf);
      const columnOf = ([input, element]: readonly [number, number], kind: Kind) => {
        const key = texts(call, input)[element]!;
        return { key, rows: examples.map((features) => valuesOf(node, features.get(key), key, kind)) };
      };
      const outputs: HostResult[][] = [[], [], [], []];
      for (let i = 0; i < sparse; i++) {
        const kind = output(node, sparse + i).dtype as Kind;
        const rows = columnOf(sparseKey(i), kind).rows.map((values) => values ?? []);
        const indices = rows.flatMap((values, row) => values.flatMap((_, k) => [BigInt(row), BigInt(k)]));
        const values = rows.flat();
        const longest = rows.reduce((most, { length }) => Math.max(most, length), 0);
        outputs[0]!.push({ shape: [values.length, 2], data: BigInt64Array.from(indices) });
        outputs[1]!.push(tensor(call, kind, [values.length], values));
        outputs[2]!.push({ shape: [2], data: BigInt64Array.of(BigInt(rows.length), BigInt(longest)) });
      }
      for (let i = 0; i < dense; i++) {
        const { dtype, shape } = output(node, 3 * sparse + i);
        const kind = dtype as Kind;
        const inner = shape.slice(1);
        const size = elementCount(inner);
        const initial: Values =
          kind === 'string' ? texts(call, defaults + i) : Array.from(inputs[defaults + i]!.data as Float32Array);
        const { key, rows } = columnOf(denseKey(i), kind);
        const values = rows.flatMap((values) => {
          const row = values ?? (initial.length === 1 ? Array<(typeof initial)[0]>(size).fill(initial[0]!) : initial);
          if (row.length !== size) throw badShape(node, `feature '${key}' has ${row.length} values, not ${size}`);
          return row;
        });
        outputs[3]!.push(tensor(call, kind, [examples.length, ...inner], values));
      }
      return outputs.flat();
    },
  });
}

export const parseExample = parser('ParseExample', first);
export const parseExampleV2 = parser('ParseExampleV2', second);
export const flexParseExampleV2 = parser('FlexParseExampleV2', second);
