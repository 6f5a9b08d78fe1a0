// Copies of runs too short for memory.copy, whose call alone costs as much as moving a few hundred bytes.

/** Copies `n` bytes, n >= 0, from `x` to `y`; the runs may not overlap. Touches nothing outside of them. */
export function copyRun(x: usize, y: usize, n: i32): void {
  if (n > 256) {
    memory.copy(y, x, n);
    return;
  }
  if (ASC_FEATURE_SIMD) {
    if (n >= 16) {
      const last = n - 16;
      for (let i = 0; i < last; i += 16) v128.store(y + i, v128.load(x + i));
      v128.store(y + last, v128.load(x + last));
      return;
    }
  }
  if (n >= 8) {
    const last = n - 8;
    for (let i = 0; i < last; i += 8) store<u64>(y + i, load<u64>(x + i));
    store<u64>(y + last, load<u64>(x + last));
    return;
  }
  if (n & 4) {
    store<u32>(y, load<u32>(x));
    x += 4;
    y += 4;
  }
  if (n & 2) {
    store<u16>(y, load<u16>(x));
    x += 2;
    y += 2;
  }
  if (n & 1) store<u8>(y, load<u8>(x));
}
