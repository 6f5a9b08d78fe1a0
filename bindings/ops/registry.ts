import type { SchemaFacts } from '../model/reader.js';
import { LAYOUT, OPERATORS } from '../model/schema/generated/layout.js';
import type { Operator } from './operator.js';
import * as standard from './standard.js';

/** Operators, and what the reader must know of the schema to read their options. */
export interface Registry extends SchemaFacts {
  readonly operators: readonly Operator[];
  /** A larger registry, for models that this one does not suffice for. */
  more?(): Promise<Registry>;
}

/** The standard operators; all others are loaded when a model names one. */
export const standardRegistry: Registry = {
  operators: Object.values(standard),
  layout: LAYOUT,
  codes: OPERATORS,
  more: async () => (await import('./on-demand.js')).fullRegistry,
};

/** A registry of chosen operators alone. */
export function registryOf(operators: readonly Operator[]): Registry {
  const { layout, codes } = standardRegistry;
  return { operators, layout, codes, more: async () => ({ ...(await standardRegistry.more!()), operators }) };
}
