import { readModel as readModelWith } from '../../bindings/model/reader.js';
import { fullRegistry } from '../../bindings/ops/on-demand.js';

/** Every operator that Lanelite knows. */
export const allOperators = fullRegistry.operators;

/** Reads a model with all that is known of the schema. */
export const readModel = (bytes: Uint8Array) => readModelWith(bytes, fullRegistry);
