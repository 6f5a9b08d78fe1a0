// Strings in specifications: tensors hold numbers in their place, as Lanelite's do, but those of one list for all tests.
import type { TypedArray } from '../../bindings/dtype.js';
import type { Tensor } from '../../bindings/tensor.js';
import type { TensorSpec } from './spec.js';

/** By number; 0 is the empty one, as everywhere. */
const STRINGS = [''];
const NUMBERS = new Map([['', 0]]);

function numberOf(text: string): number {
  const number = NUMBERS.get(text) ?? STRINGS.push(text) - 1;
  NUMBERS.set(text, number);
  return number;
}

export const numbersOf = (texts: readonly string[]): Int32Array => Int32Array.from(texts, numberOf);

/** The strings that the elements of a string tensor stand for. */
export const textsOf = (data: TypedArray): string[] => Array.from(data as Int32Array, (number) => STRINGS[number]!);

export const strings = (texts: readonly string[], extra: Partial<TensorSpec> = {}): TensorSpec => ({
  dtype: 'string',
  shape: [texts.length],
  data: numbersOf(texts),
  ...extra,
});

/** Sets an interpreter's tensor to the elements of a specification. */
export function setElements(tensor: Tensor, data: TypedArray): void {
  tensor.set(tensor.dtype === 'string' ? textsOf(data) : data);
}

/** A copy of what an interpreter's tensor holds, as elements of a specification. */
export function elementsOf(tensor: Tensor): TypedArray {
  const elements: TypedArray | string[] = tensor.copy<TypedArray | string[]>();
  return Array.isArray(elements) ? numbersOf(elements) : elements;
}
