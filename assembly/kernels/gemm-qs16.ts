// Matrix product of int16 with int16 or int8 in 64-bit sums, zero points 0: plain loops, as models with 16-bit activations are rare.
// Output: sum * multiplier >> shift, as in conv-qs16.ts.

/**
 * y[m, n] for a(m, k) at m * mStride + k * kStride and w(n, k) at n * wnStride + k * wkStride. Units are rows.
 * @param wBytes element size of w
 * @param multiplier 16 bits of the real multiplier, shift 15 less its exponent
 */
export function qs16_gemm(
  n: i32,
  k: i32,
  a: usize,
  mStride: i32,
  kStride: i32,
  w: usize,
  wBytes: i32,
  wnStride: i32,
  wkStride: i32,
  y: usize,
  multiplier: i32,
  shift: i32,
  begin: i32,
  end: i32,
): void {
  for (let i = begin; i < end; i++) {
    for (let j = 0; j < n; j++) {
      let acc: i64 = 0;
      let x = a + (<usize>(i * mStride) << 1);
      let s = w + <usize>(j * wnStride * wBytes);
      for (let p = 0; p < k; p++) {
        const v = wBytes == 2 ? <i32>load<i16>(s) : <i32>load<i8>(s);
        acc += <i64>(<i32>load<i16>(x) * v);
        x += <usize>kStride << 1;
        s += <usize>(wkStride * wBytes);
      }
      const scaled = (acc * <i64>multiplier + (<i64>1 << <i64>(shift - 1))) >> <i64>shift;
      store<i16>(y + (<usize>(i * n + j) << 1), <i16>min<i64>(max<i64>(scaled, -32768), 32767));
    }
  }
}
