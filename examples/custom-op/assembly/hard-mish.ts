// HardMish (https://github.com/digantamisra98/H-Mish): y = x / 2 * min(2, max(0, x + 2)), in float32. Units are elements.

export function f32_hard_mish(x: usize, y: usize, begin: i32, end: i32): void {
  let i = begin;
  if (ASC_FEATURE_SIMD) {
    const zero = f32x4.splat(0);
    const half = f32x4.splat(0.5);
    const two = f32x4.splat(2);
    for (; i + 4 <= end; i += 4) {
      const at = <usize>i << 2;
      const v = v128.load(x + at);
      const gate = f32x4.pmin(two, f32x4.pmax(zero, f32x4.add(v, two)));
      v128.store(y + at, f32x4.mul(f32x4.mul(v, half), gate));
    }
  }
  for (; i < end; i++) {
    const at = <usize>i << 2;
    const v = load<f32>(x + at);
    store<f32>(y + at, v * 0.5 * min<f32>(2, max<f32>(0, v + 2)));
  }
}
