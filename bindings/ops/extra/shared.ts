import type { DType } from '../../dtype.js';
import { checkShape, input, invalid, type OpNode, output, type Value } from '../../graph/ir.js';
import { readFlexMap } from '../../model/flexbuffer.js';

/** A number among a node's options. */
export function option(node: OpNode, name: string): number {
  const value = readFlexMap(node.customOptions)[name];
  if (typeof value !== 'number' && typeof value !== 'boolean') throw invalid(node, `option '${name}' is missing`);
  return Number(value);
}

/** Checks the types of all inputs and outputs. */
export function checkTypes(node: OpNode, inputs: readonly DType[], outputs: readonly DType[]): void {
  for (const [i, dtype] of inputs.entries()) {
    if (input(node, i).dtype !== dtype) throw invalid(node, `input ${i} is ${input(node, i).dtype}, not ${dtype}`);
  }
  for (const [i, dtype] of outputs.entries()) {
    if (output(node, i).dtype !== dtype) throw invalid(node, `output ${i} is ${output(node, i).dtype}, not ${dtype}`);
  }
}

export function checkRank4(node: OpNode, { shape }: Value): void {
  checkShape(node, shape.length === 4, () => `expected an image [batch, height, width, channels], not [${shape}]`);
}
