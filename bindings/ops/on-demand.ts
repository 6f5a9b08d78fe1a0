// What is loaded for models that need more than the standard operators. A bundle of its own.

import * as extended from './extended.js';
import { customOperators, fullCompiler } from './full.js';
import type { Registry } from './registry.js';
import { standard } from './standard.js';

/** Every operator that Lanelite knows. */
export const fullRegistry: Registry = {
  ...fullCompiler,
  get operators() {
    // Wider forms of standard operators have the same names.
    const all = [...standard, ...Object.values(extended), ...customOperators()];
    return [...new Map(all.map((operator) => [operator.name, operator])).values()];
  },
  extra: async () => (await import('./extra.js')).extra,
};
