// What is loaded for most models that need more than the standard operators. A bundle of its own.
import { LAYOUT, OPERATORS } from '../model/schema/generated/full-layout.js';
import { common } from './common.js';
import { computesPlainly, fullRegistry, type Registry } from './registry.js';
import { standard } from './standard.js';

/** The standard operators in all their forms, and common ones: for models that compute with nothing but floats and bytes. */
export const commonRegistry: Registry = {
  // Wider forms of standard operators have the same names.
  operators: [...new Map([...standard, ...common].map((operator) => [operator.name, operator])).values()],
  layout: LAYOUT,
  codes: OPERATORS,
  suits: computesPlainly,
  more: fullRegistry,
};
