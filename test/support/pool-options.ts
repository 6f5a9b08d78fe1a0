import type { ReferenceNode } from './spec.js';

/** The C structure that MediaPipe's pooling operators have as options. */
export function packPool(same: boolean, [strideH, strideW]: readonly number[], [filterH, filterW]: readonly number[]) {
  return new Uint8Array(Int32Array.of(same ? 1 : 2, strideW!, strideH!, filterW!, filterH!, 0, 0, 0, 0, 0).buffer);
}

export function unpackPool({ customOptions }: ReferenceNode) {
  const [padding, strideW, strideH, filterW, filterH] = new Int32Array(customOptions!.slice().buffer);
  return { same: padding === 1, strides: [strideH!, strideW!], filter: [filterH!, filterW!] } as const;
}
