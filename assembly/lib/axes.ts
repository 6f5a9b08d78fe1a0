// Blocks of axes, as `bindings/ops/shared/strided-copy.ts` writes them: 12 bytes an axis, outermost first,
// { i32 n, i32 xStride, i32 yStride }, strides in bytes.

export const AXIS: usize = 12;
export const N: usize = 0;
export const X: usize = 4;
export const Y: usize = 8;

// @ts-ignore: decorator
@inline
export function axisField(axes: usize, i: i32, field: usize): i32 {
  return load<i32>(axes + <usize>i * AXIS + field);
}

/** Byte offset, along the strides in `field`, of the `index`-th point of the grid that the first `rank` axes span. */
export function gridOffset(axes: usize, rank: i32, index: i32, field: usize): isize {
  let offset: isize = 0;
  for (let i = rank - 1; i >= 0; i--) {
    const n = axisField(axes, i, N);
    const rest = index / n;
    offset += <isize>(index - rest * n) * <isize>axisField(axes, i, field);
    index = rest;
  }
  return offset;
}
