// Convolution and matrix product of int16 activations with int8 or int16 weights, in 64-bit sums: plain loops, as models with
// 16-bit activations are rare. Output, as TFLite's CONV_2D: (acc + bias) * multiplier >> shift with 16 bits of the multiplier,
// rounding half up (MultiplyByQuantizedMultiplier for int64); or as its FULLY_CONNECTED: (acc + bias) * scale in
// float64, rounding half away from zero.

/**
 * Units are output pixels [batch * oh * ow].
 * @param x [batch, h, w, c] int16
 * @param weights [oc, kh, kw, c / groups] of `wBytes` each, less `zero`
 * @param y [batch, oh, ow, oc] int16
 * @param q [oc] { bias: i64, multiplier: i32, shift: i32 }, or { bias: i64, scale: f64 } if `real`
 */
export function qs16_conv2d(
  x: usize,
  weights: usize,
  wBytes: i32,
  zero: i32,
  y: usize,
  h: i32,
  w: i32,
  c: i32,
  oh: i32,
  ow: i32,
  oc: i32,
  groups: i32,
  kh: i32,
  kw: i32,
  strideH: i32,
  strideW: i32,
  dilationH: i32,
  dilationW: i32,
  padTop: i32,
  padLeft: i32,
  q: usize,
  real: i32,
  lo: i32,
  hi: i32,
  begin: i32,
  end: i32,
): void {
  const cg = c / groups;
  const n = oc / groups;
  for (let p = begin; p < end; p++) {
    const ix = (p % ow) * strideW - padLeft;
    const iy = ((p / ow) % oh) * strideH - padTop;
    const image = x + (<usize>(p / ow / oh) * <usize>(h * w * c) << 1);
    for (let o = 0; o < oc; o++) {
      let acc = load<i64>(q + (<usize>o << 4));
      let s = weights + <usize>(o * kh * kw * cg * wBytes);
      for (let ky = 0; ky < kh; ky++) {
        const row = iy + ky * dilationH;
        for (let kx = 0; kx < kw; kx++, s += cg * wBytes) {
          const col = ix + kx * dilationW;
          if (<u32>row >= <u32>h || <u32>col >= <u32>w) continue;
          const t = image + (<usize>((row * w + col) * c + (o / n) * cg) << 1);
          if (wBytes == 2) {
            for (let i: usize = 0; i < <usize>cg << 1; i += 2) acc += <i64>load<i16>(t + i) * <i64>(<i32>load<i16>(s + i) - zero);
          } else {
            for (let i = 0; i < cg; i++) acc += <i64>(<i32>load<i16>(t + (<usize>i << 1)) * (<i32>load<i8>(s + i) - zero));
          }
        }
      }
      const r = q + (<usize>o << 4);
      let scaled: i64;
      if (real) {
        const v = <f64>acc * load<f64>(r, 8);
        const whole = trunc(v);
        scaled = <i64>(whole + <f64>i32(abs(v - whole) >= 0.5) * copysign<f64>(1, v));
      } else {
        const shift = <i64>load<i32>(r, 12);
        scaled = (acc * <i64>load<i32>(r, 8) + (<i64>1 << (shift - 1))) >> shift;
      }
      store<i16>(y + (<usize>(p * oc + o) << 1), <i16>min(max(scaled, <i64>lo), <i64>hi));
    }
  }
}
