// Run-time quantization of float activations to int8, a scale (and zero point) a row, for weights stored as integers.
// TFLite's SymmetricQuantizeFloats and AsymmetricQuantizeFloats: halves round away from zero.
import {
  asymmetricScale,
  asymmetricZeroPoint,
  halvedx8,
  LEAST_RANGE,
  quantize,
  rangeOf,
  truncatedx4,
} from '../lib/dynamic-quantization';

/** Elements of each of `pieces` of a row; the last ones may have less. */
// @ts-ignore: decorator
@inline
function pieceLength(k: i32, pieces: i32): i32 {
  return ((k + pieces - 1) / pieces + 15) & ~15;
}

/**
 * The least and the greatest of each piece of a row, and 0. Units are pieces.
 * @param x [rows, k] floats
 * @param ranges [rows, pieces] { lo, hi: f32 }
 * @param most what no element is above, with none below 0, so that once one is found there the row's range is known; or
 *     infinity where elements may be anything
 */
export function f32_dynamic_range(
  x: usize, ranges: usize, k: i32, pieces: i32, most: f32, begin: i32, end: i32,
): void {
  const length = pieceLength(k, pieces);
  let known = -1;
  for (let unit = begin; unit < end; unit++) {
    const row = unit / pieces;
    const first = (unit - row * pieces) * length;
    const range = ranges + (<usize>unit << 3);
    if (row == known) {
      store<f32>(range, 0);
      store<f32>(range, most, 4);
      continue;
    }
    rangeOf(x + (<usize>(row * k + first) << 2), min(length, k - first), range);
    if (load<f32>(range, 4) == most && most < Infinity) known = row;
  }
}

/**
 * Units are pieces of rows.
 * @param x [rows, k] floats
 * @param y [rows, k] int8, exclusive-or `flip`
 * @param parameters [rows] { scale: f32, zeroPoint: i32 }
 * @param ranges of f32_dynamic_range; 0 for a single piece a row, whose range is found here
 * @param asymmetric 2 for bytes of which nobody takes their zero points off: those in `parameters` are 0
 */
export function f32_dynamic_quantize(
  x: usize,
  y: usize,
  parameters: usize,
  ranges: usize,
  k: i32,
  pieces: i32,
  asymmetric: i32,
  flip: i32,
  begin: i32,
  end: i32,
): void {
  const length = pieceLength(k, pieces);
  for (let unit = begin; unit < end; unit++) {
    const row = unit / pieces;
    const first = (unit - row * pieces) * length;
    const own = parameters + (<usize>row << 3);
    let lo: f32 = 0;
    let hi: f32 = 0;
    if (ranges) {
      for (let r = ranges + (<usize>(row * pieces) << 3), stop = r + (<usize>pieces << 3); r < stop; r += 8) {
        lo = min(lo, load<f32>(r));
        hi = max(hi, load<f32>(r, 4));
      }
    } else {
      rangeOf(x + (<usize>(row * k) << 2), k, own);
      lo = load<f32>(own);
      hi = load<f32>(own, 4);
    }
    let scale: f32 = 1;
    let inverse: f32 = 1;
    let zeroPoint = 0;
    if (asymmetric) {
      scale = asymmetricScale(lo, hi);
      inverse = 1 / scale;
      zeroPoint = asymmetricZeroPoint(lo, hi);
    } else if (hi - lo >= LEAST_RANGE) {
      const range = max(-lo, hi);
      scale = range / 127;
      inverse = 127 / range;
    }
    if (!first) {
      store<f32>(own, scale);
      store<i32>(own, asymmetric == 2 ? 0 : zeroPoint, 4);
    }
    const from = x + (<usize>(row * k + first) << 2);
    const to = y + <usize>(row * k + first);
    const n = min(length, k - first);
    // Twice what is to be rounded.
    inverse *= 2;
    const zero: f32 = 2 * <f32>zeroPoint;
    let i = 0;
    if (ASC_FEATURE_SIMD) {
      const vi = f32x4.splat(inverse);
      const vz = f32x4.splat(zero);
      const vf = i8x16.splat(<i8>flip);
      for (; i + 16 <= n; i += 16) {
        const p = from + (<usize>i << 2);
        const low = halvedx8(truncatedx4(v128.load(p), vi, vz), truncatedx4(v128.load(p, 16), vi, vz));
        const high = halvedx8(truncatedx4(v128.load(p, 32), vi, vz), truncatedx4(v128.load(p, 48), vi, vz));
        v128.store(to + i, v128.xor(i8x16.narrow_i16x8_s(low, high), vf));
      }
      for (; i + 4 <= n; i += 4) {
        const t = truncatedx4(v128.load(from + (<usize>i << 2)), vi, vz);
        const q = halvedx8(t, t);
        v128.store32_lane(to + i, v128.xor(i8x16.narrow_i16x8_s(q, q), vf), 0);
      }
    }
    for (; i < n; i++) {
      store<u8>(to + i, <u8>(quantize(load<f32>(from + (<usize>i << 2)), inverse, zero) ^ flip));
    }
  }
}
