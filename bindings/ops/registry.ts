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
  /** For models that go beyond `computesPlainly`. */
  readonly compiler?: Pick<ModelResources, 'walk' | 'pins' | 'strings' | 'missing' | 'variables'>;
  /** Whether there are all forms that the model's operators take, and the fastest. */
  suits?(model: ModelDefinition): boolean;
  /**
   * A larger registry, for models that this one does not suit or that name operators which are not among these.
   * @param missing their names, as this registry's `codes` have them; without these, it is the largest
   */
  more?(missing?: readonly string[]): Promise<Registry>;
}

const TYPES: readonly DType[] = ['float32', 'float16', 'int8', 'uint8', 'int32'];

/** Whether a model is one graph of dense floats and bytes. Halves may be there; int32 are biases, axes and shapes, all constant. */
export function computesPlainly({ subgraphs: [graph, ...others] }: ModelDefinition): boolean {
  const { tensors, operators, inputs } = graph!;
  const isInt = (i = -1) => tensors[i]?.dtype === 'int32';
  return (
    others.length === 0 &&
    !inputs.some(isInt) &&
    tensors.every((t) => TYPES.includes(t.dtype) && !t.sparsity && !t.quantizationDetails && !t.isVariable) &&
    operators.every(({ inputs, outputs }) => !isInt(inputs[0]) && !outputs.some(isInt))
  );
}

/**
 * Whether the standard operators suffice: floats don't meet bytes, halves are only dequantized, and there is not much work for
 * float filters 3x3, for which Winograd's way is worth loading.
 */
function isStandard(model: ModelDefinition): boolean {
  const { tensors, operators } = model.subgraphs[0]!;
  const is = (type: DType, i = -1) => tensors[i]?.dtype === type;
  let winograd = 0;
  for (const { inputs, outputs } of operators) {
    const [oc = 0, h, w, c = 0] = tensors[inputs[1]!]?.shape ?? [];
    const [, y = 0, x = 0] = tensors[outputs[0]!]?.shape ?? [];
    const isFloat = is('float32', inputs[0]);
    if (isFloat && oc > 1 && h === 3 && w === 3 && c > 4) winograd += y * x * oc * c;
    if ((isFloat && is('int8', inputs[1])) || outputs.some((i) => is('float16', i))) return false;
  }
  return winograd < 1 << 18 && computesPlainly(model);
}

const loadCommon = () => import('./common-registry.js');

/** Every operator. What it shares with the common registry comes at the same time, not after it. */
export const fullRegistry = async (): Promise<Registry> =>
  (await Promise.all([import('./on-demand.js'), loadCommon()]))[0].fullRegistry;

/** The standard operators; all others, and other forms of these, are loaded when a model needs them. */
export const standardRegistry: Registry = {
  operators: standard,
  layout: LAYOUT,
  codes: OPERATORS,
  suits: isStandard,
  // `OPERATORS` calls all common ones `+`.
  more: async (missing) =>
    missing?.every((name) => name === '+') ? (await loadCommon()).commonRegistry : fullRegistry(),
};

/** A registry of chosen operators alone. */
export function registryOf(operators: readonly Operator[]): Registry {
  return {
    ...standardRegistry,
    operators,
    more: async () => ({ ...(await fullRegistry()), operators }),
  };
}
