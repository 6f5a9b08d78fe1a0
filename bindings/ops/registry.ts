import type { DType } from '../dtype.js';
import type { ModelResources } from '../graph/compile.js';
import type { ModelDefinition } from '../model/model.js';
import type { SchemaFacts } from '../model/reader.js';
import { LAYOUT, OPERATORS } from '../model/schema/generated/layout.js';
import type { Operator } from './operator.js';
import { standard } from './standard.js';

/** Operators, and what the reader must know of the schema to read their options. */
export interface Registry extends SchemaFacts {
  readonly operators: readonly Operator[];
  /** Operators that are registered by those who want them; see ops/extra.ts. */
  extra?(): Promise<readonly Operator[]>;
  /** For graphs that go beyond `isStandard`. */
  readonly compiler?: Pick<ModelResources, 'walk' | 'pins' | 'strings' | 'missing' | 'variables'>;
  /** A larger registry, for models that go beyond `isStandard`, or name an operator that is not among these. */
  more?(): Promise<Registry>;
}

const TYPES: readonly DType[] = ['float32', 'float16', 'int8', 'uint8', 'int32'];

/**
 * Whether the standard registry has all forms that a model's tensors take, and the fastest: one graph of dense floats and bytes,
 * without much work for float filters 3x3, for which Winograd's way is worth loading. Standard operators compute with nothing
 * else; floats don't meet bytes, halves may be dequantized, int32 are biases, axes and shapes, all constant.
 */
export function isStandard({ subgraphs: [graph, ...others] }: ModelDefinition): boolean {
  const { tensors, operators, inputs } = graph!;
  const is = (type: DType, i = -1) => tensors[i]?.dtype === type;
  let winograd = 0;
  for (const { inputs, outputs } of operators) {
    const [oc = 0, h, w, c = 0] = tensors[inputs[1]!]?.shape ?? [];
    const [, y = 0, x = 0] = tensors[outputs[0]!]?.shape ?? [];
    if (is('float32', inputs[0]) && oc > 1 && h === 3 && w === 3 && c > 4) winograd += y * x * oc * c;
  }
  return (
    winograd < 1 << 18 &&
    others.length === 0 &&
    !inputs.some((i) => is('int32', i)) &&
    tensors.every((t) => TYPES.includes(t.dtype) && !t.sparsity && !t.quantizationDetails && !t.isVariable) &&
    operators.every(
      ({ inputs, outputs }) =>
        !(is('float32', inputs[0]) && is('int8', inputs[1])) &&
        !is('int32', inputs[0]) &&
        !outputs.some((i) => is('int32', i) || is('float16', i)),
    )
  );
}

/** The standard operators; all others, and other forms of these, are loaded when a model needs them. */
export const standardRegistry: Registry = {
  operators: standard,
  layout: LAYOUT,
  codes: OPERATORS,
  more: async () => (await import('./on-demand.js')).fullRegistry,
};

/** A registry of chosen operators alone. */
export function registryOf(operators: readonly Operator[]): Registry {
  return {
    ...standardRegistry,
    operators,
    more: async () => ({ ...(await standardRegistry.more!()), operators }),
  };
}
