// The variables among a subgraph's tensors: the state of recurrent operators. Loaded on demand.
import { byteLength, elementCount } from '../dtype.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/ir.js';
import type { Region } from '../memory/map.js';
import type { Engine } from './engine.js';

const sizeOf = ({ dtype, shape }: Value) => byteLength(dtype, elementCount(shape));

/** They live as long as their interpreter. */
export class Variables {
  readonly addresses = new Map<Value, number>();
  readonly #region: Region | null = null;

  constructor(
    { values, inputs }: Graph,
    readonly engine: Engine,
  ) {
    // Inputs may be resized, and live as long as variables do anyway.
    const variables = values.filter((value) => value.isVariable && !inputs.includes(value));
    let size = 0;
    for (const value of variables) {
      this.addresses.set(value, size);
      size += Math.ceil(sizeOf(value) / 16) * 16;
    }
    if (!variables.length) return;
    this.#region = engine.map.allocate(size, 'variables');
    for (const [value, offset] of this.addresses) this.addresses.set(value, this.#region.address + offset);
    this.reset();
  }

  /** Puts all back to zero; for int8 that is the zero point, as in TFLite. */
  reset(): void {
    for (const [value, address] of this.addresses) {
      const zero = value.dtype === 'int8' ? (value.quantization?.zeroPoint[0] ?? 0) : 0;
      this.engine.bytes.fill(zero, address, address + sizeOf(value));
    }
  }

  release(): void {
    if (this.#region) this.engine.map.release(this.#region);
  }
}
