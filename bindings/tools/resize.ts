/**
 * Bilinear resize as TFLite's label_image does it: RESIZE_BILINEAR on float pixels with align_corners and
 * half_pixel_centers off, so that output row y reads input row y * inHeight / outHeight. Computed in float32, in the
 * order of TFLite's own kernel: callers truncate the result, and a last-bit difference would show as a whole step.
 */

/** `data` is `[inHeight, inWidth, channels]`; the result `[outHeight, outWidth, channels]`. */
export function resizeBilinear(
  data: Uint8Array,
  [inHeight, inWidth]: readonly [number, number],
  [outHeight, outWidth]: readonly [number, number],
  channels: number,
): Float32Array {
  const f = Math.fround;
  const rows = interpolation(inHeight, outHeight);
  const columns = interpolation(inWidth, outWidth);
  const result = new Float32Array(outHeight * outWidth * channels);
  let to = 0;
  for (const row of rows) {
    const upper = row.lower * inWidth;
    const below = row.upper * inWidth;
    for (const column of columns) {
      const w00 = f(f(1 - row.fraction) * f(1 - column.fraction));
      const w01 = f(f(1 - row.fraction) * column.fraction);
      const w10 = f(row.fraction * f(1 - column.fraction));
      const w11 = f(row.fraction * column.fraction);
      const p00 = (upper + column.lower) * channels;
      const p01 = (upper + column.upper) * channels;
      const p10 = (below + column.lower) * channels;
      const p11 = (below + column.upper) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = f(data[p00 + c]! * w00);
        sum = f(sum + f(data[p01 + c]! * w01));
        sum = f(sum + f(data[p10 + c]! * w10));
        result[to++] = f(sum + f(data[p11 + c]! * w11));
      }
    }
  }
  return result;
}

/** For each output position: the two input positions around it, and how far it is past the lower one. */
function interpolation(from: number, to: number): { lower: number; upper: number; fraction: number }[] {
  const scale = Math.fround(from / to);
  return Array.from({ length: to }, (_, i) => {
    const position = Math.fround(i * scale);
    const lower = Math.floor(position);
    return { lower, upper: Math.min(Math.ceil(position), from - 1), fraction: Math.fround(position - lower) };
  });
}
