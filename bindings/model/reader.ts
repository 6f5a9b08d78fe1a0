import type { ModelDefinition } from './model.js';
export function readModel(_bytes: Uint8Array): ModelDefinition {
  throw new Error('stub');
}
