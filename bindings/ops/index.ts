// The standard registry: one line an operator. Custom registries import single files instead.
export type { Operator } from './operator.js';
