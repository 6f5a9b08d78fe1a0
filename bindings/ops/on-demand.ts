// What is loaded for models that need more than the common operators. A bundle of its own.
import { commonRegistry } from './common-registry.js';
import * as extended from './extended.js';
import { customOperators, fullCompiler } from './full.js';
import type { Registry } from './registry.js';

/** Every operator that Lanelite knows. */
export const fullRegistry: Registry = {
  ...fullCompiler,
  get operators() {
    return [...commonRegistry.operators, ...Object.values(extended), ...customOperators()];
  },
  extra: async () => (await import('./extra.js')).extra,
};
