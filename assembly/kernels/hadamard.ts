// Walsh-Hadamard transform of runs of `n` floats, a power of two, in place: n^-1/2 times sums and differences over all bits of
// the position. Butterflies go from neighbours up, as in TFLite. Units are runs.

export function f32_hadamard(y: usize, n: i32, begin: i32, end: i32): void {
  const run = <usize>n << 2;
  const norm = <f32>(1 / sqrt<f64>(<f64>n));
  for (let unit = begin; unit < end; unit++) {
    const first = y + <usize>unit * run;
    const last = first + run;
    for (let half: usize = 4; half < run; half <<= 1) {
      for (let p = first; p < last; p += half << 1) {
        let i: usize = 0;
        if (ASC_FEATURE_SIMD) {
          for (; i + 16 <= half; i += 16) {
            const a = v128.load(p + i);
            const b = v128.load(p + half + i);
            v128.store(p + i, f32x4.add(a, b));
            v128.store(p + half + i, f32x4.sub(a, b));
          }
        }
        for (; i < half; i += 4) {
          const a = load<f32>(p + i);
          const b = load<f32>(p + half + i);
          store<f32>(p + i, a + b);
          store<f32>(p + half + i, a - b);
        }
      }
    }
    for (let p = first; p < last; p += 4) store<f32>(p, load<f32>(p) * norm);
  }
}
