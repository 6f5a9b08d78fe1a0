import { input, invalid, type OpNode } from '../../graph/ir.js';
import { checkRank4 } from './shared.js';

/** The options of MediaPipe's pooling operators: TFLite's own C structure, as it lies in memory. */
export function poolOptions(node: OpNode) {
  const bytes = node.customOptions;
  if (!bytes || bytes.length < 24) throw invalid(node, `expected 24 bytes of options, found ${bytes?.length ?? 0}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [padding, strideW, strideH, filterW, filterH, activation] = Array.from({ length: 6 }, (_, i) =>
    view.getInt32(4 * i, true),
  ) as [number, number, number, number, number, number];
  const known = padding === 1 || padding === 2;
  const limits = [
    [-Infinity, Infinity],
    [0, Infinity],
    [-1, 1],
    [0, 6],
  ][activation];
  const sizes = [strideW, strideH, filterW, filterH];
  if (!known || !limits || !sizes.every((n) => n > 0 && n < 2 ** 24)) {
    throw invalid(node, `padding ${padding}, strides and window ${sizes}, activation ${activation}`);
  }
  checkRank4(node, input(node, 0));
  return { padding: padding === 1 ? 'SAME' : 'VALID', strideW, strideH, filterW, filterH, limits };
}
