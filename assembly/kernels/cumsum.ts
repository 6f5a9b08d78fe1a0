// Running sums along an axis: x and y [outer, n, inner]; y may be x. Units are the outer * inner lines.
// `exclusive` leaves an element out of its own sum, `reverse` starts at the end.

// @ts-ignore: decorator
@inline
function cumsum<T>(x: usize, y: usize, n: i32, inner: i32, exclusive: i32, reverse: i32, begin: i32, end: i32): void {
  const step = <isize>inner * sizeof<T>() * (reverse ? -1 : 1);
  for (let i = begin; i < end; i++) {
    const o = i / inner;
    let offset = <isize>(o * n * inner + (i - o * inner) + (reverse ? (n - 1) * inner : 0)) * sizeof<T>();
    let sum: T = 0;
    for (let r = 0; r < n; r++, offset += step) {
      const next = <T>(sum + load<T>(x + offset));
      store<T>(y + offset, exclusive ? sum : next);
      sum = next;
    }
  }
}

export function f32_cumsum(
  x: usize, y: usize, n: i32, inner: i32, exclusive: i32, reverse: i32, begin: i32, end: i32,
): void {
  cumsum<f32>(x, y, n, inner, exclusive, reverse, begin, end);
}

export function s32_cumsum(
  x: usize, y: usize, n: i32, inner: i32, exclusive: i32, reverse: i32, begin: i32, end: i32,
): void {
  cumsum<i32>(x, y, n, inner, exclusive, reverse, begin, end);
}

export function s64_cumsum(
  x: usize, y: usize, n: i32, inner: i32, exclusive: i32, reverse: i32, begin: i32, end: i32,
): void {
  cumsum<i64>(x, y, n, inner, exclusive, reverse, begin, end);
}
