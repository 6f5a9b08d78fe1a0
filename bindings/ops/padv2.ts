import { checkShape, count, input } from '../graph/ir.js';
import { padding } from './shared/pad.js';

/** Pads with the one element of input 2, which is quantized as the input is. */
export const padv2 = padding('PADV2', (node) => {
  const value = input(node, 2);
  checkShape(node, count(value) === 1, () => `the padding value must be one element, not [${value.shape}]`);
  return value;
});
