import { elementBits, elementCount } from '../../dtype.js';
import {
  badShape,
  bytesOf,
  count,
  input,
  invalid,
  type Known,
  type OpNode,
  output,
  type Shape,
  unsupported,
} from '../../graph/ir.js';
import type { Operator } from '../operator.js';

/** A view-like operator: one output with the bytes of input 0 in another shape. */
export function reshaping(name: string, shape: (node: OpNode, known: Known) => Shape): Operator {
  return {
    name,
    infer(node, known) {
      const [x, y] = [input(node, 0), output(node)];
      if (elementBits(x.dtype) === 0) throw unsupported(node, `dtype ${x.dtype}`);
      if (x.dtype !== y.dtype) throw invalid(node, `input is ${x.dtype}, output ${y.dtype}`);
      const to = shape(node, known);
      if (elementCount(to) !== count(x)) throw badShape(node, `cannot turn [${x.shape}] into [${to}]`);
      return [to];
    },
    lower(node, plan) {
      const x = input(node, 0);
      plan.copy(output(node), x, bytesOf(x));
    },
    aliases(node) {
      const [x, y] = [input(node, 0), output(node)];
      return count(x) ? [{ inner: y, outer: x, offset: 0 }] : [];
    },
  };
}

/** The elements of an integer tensor, which must be a vector of `length`. */
export function vector(node: OpNode, known: Known, i: number, length: number): number[] {
  const value = input(node, i);
  if (count(value) !== length) throw badShape(node, `input ${i} must have ${length} elements, not [${value.shape}]`);
  if (!/^(u?int|bool)/.test(value.dtype)) throw invalid(node, `input ${i} must hold integers, not ${value.dtype}`);
  return length === 0 ? [] : known.values(value);
}
