// Float reductions of x [outer, n, inner] to y [outer, inner]; see lib/reduce.ts. Units are outputs.
import { Max, Min, Prod, Sum, reduce } from '../lib/reduce';

/** Sums, divided by `divisor` (1 for SUM, the number of elements for MEAN). */
export function f32_reduce_sum(
  x: usize, y: usize, n: i32, inner: i32, divisor: f32, begin: i32, end: i32,
): void {
  reduce<f32, Sum<f32>>(x, y, n, inner, 0, divisor, begin, end);
}

export function f32_reduce_prod(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<f32, Prod<f32>>(x, y, n, inner, 1, 1, begin, end);
}

export function f32_reduce_max(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<f32, Max<f32>>(x, y, n, inner, -f32.MAX_VALUE, 1, begin, end);
}

export function f32_reduce_min(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<f32, Min<f32>>(x, y, n, inner, f32.MAX_VALUE, 1, begin, end);
}
