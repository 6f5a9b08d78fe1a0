// y[i] = how many of `count` sorted boundaries (float32) are at most x[i]; all of them for NaN. Units are elements.
// Integers are compared as float32, as TFLite does.

// @ts-ignore: decorator
@inline
function bucketize<T, C>(x: usize, y: usize, boundaries: usize, count: i32, begin: i32, end: i32): void {
  for (let i = <usize>begin; i < <usize>end; i++) {
    const a = <C>load<T>(x + (i << alignof<T>()));
    let low = 0;
    let high = count;
    while (low < high) {
      const k = (low + high) >>> 1;
      if (a < <C>load<f32>(boundaries + (<usize>k << 2))) high = k;
      else low = k + 1;
    }
    store<i32>(y + (i << 2), low);
  }
}

export function f32_bucketize(x: usize, y: usize, boundaries: usize, count: i32, begin: i32, end: i32): void {
  bucketize<f32, f32>(x, y, boundaries, count, begin, end);
}

export function f64_bucketize(x: usize, y: usize, boundaries: usize, count: i32, begin: i32, end: i32): void {
  bucketize<f64, f64>(x, y, boundaries, count, begin, end);
}

export function s32_bucketize(x: usize, y: usize, boundaries: usize, count: i32, begin: i32, end: i32): void {
  bucketize<i32, f32>(x, y, boundaries, count, begin, end);
}

export function s64_bucketize(x: usize, y: usize, boundaries: usize, count: i32, begin: i32, end: i32): void {
  bucketize<i64, f32>(x, y, boundaries, count, begin, end);
}
