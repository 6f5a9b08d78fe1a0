import { elementCount } from '../../bindings/dtype.js';
import type { ReferenceNode, ReferenceResult, TensorSpec } from './spec.js';

/** What nodes keep outside of tensors, by the number that tensors of type resource hold. */
export class Resources {
  readonly #names: string[] = [];
  readonly contents = new Map<number, unknown>();

  /** The number of a name; names get theirs in order. */
  number(name: string): number {
    const found = this.#names.indexOf(name);
    return found >= 0 ? found : this.#names.push(name) - 1;
  }
}

/** A tensor of the number of a resource. */
export const handle = (shape: readonly number[] = [1]): TensorSpec => ({ dtype: 'resource', shape });

/** What an operator gives that names a resource. */
export function handleOf({ resources, outputs: [y] }: ReferenceNode, name: string): ReferenceResult[] {
  const shape = elementCount(y!.shape) === 1 ? y!.shape : [];
  return [{ shape, data: Int32Array.of(resources!.number(name)) }];
}

/** The number of the resource in input 0. */
export const resourceOf = ({ inputs }: ReferenceNode): number => Number(inputs[0]!.data[0]);
