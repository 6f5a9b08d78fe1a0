// int32 and int64 reductions of x [outer, n, inner] to y [outer, inner]; see lib/reduce.ts. Units are outputs.
// Sums accumulate in 64 bits, wrap to the output's type, and are divided before that (truncating, as TFLite's MEAN).
import { Max, Min, Prod, reduce } from '../lib/reduce';

// @ts-ignore: decorator
@inline
function sum<T, U>(x: usize, y: usize, n: i32, inner: i32, divisor: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const o = i / inner;
    let p = x + (<usize>o * n * inner + (i - o * inner)) * sizeof<T>();
    let acc: i64 = 0;
    for (let r = 0; r < n; r++, p += inner * sizeof<T>()) acc += load<T>(p);
    store<U>(y + i * sizeof<U>(), <U>(acc / divisor));
  }
}

export function s32_reduce_sum(x: usize, y: usize, n: i32, inner: i32, divisor: i32, begin: i32, end: i32): void {
  sum<i32, i32>(x, y, n, inner, divisor, begin, end);
}

export function s32_s64_reduce_sum(x: usize, y: usize, n: i32, inner: i32, divisor: i32, begin: i32, end: i32): void {
  sum<i32, i64>(x, y, n, inner, divisor, begin, end);
}

export function s64_reduce_sum(x: usize, y: usize, n: i32, inner: i32, divisor: i32, begin: i32, end: i32): void {
  sum<i64, i64>(x, y, n, inner, divisor, begin, end);
}

export function s64_s32_reduce_sum(x: usize, y: usize, n: i32, inner: i32, divisor: i32, begin: i32, end: i32): void {
  sum<i64, i32>(x, y, n, inner, divisor, begin, end);
}

export function s32_reduce_prod(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<i32, Prod<i32>>(x, y, n, inner, 1, 1, begin, end);
}

export function s32_reduce_max(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<i32, Max<i32>>(x, y, n, inner, i32.MIN_VALUE, 1, begin, end);
}

export function s32_reduce_min(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<i32, Min<i32>>(x, y, n, inner, i32.MAX_VALUE, 1, begin, end);
}

export function s64_reduce_prod(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<i64, Prod<i64>>(x, y, n, inner, 1, 1, begin, end);
}

export function s64_reduce_max(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<i64, Max<i64>>(x, y, n, inner, i64.MIN_VALUE, 1, begin, end);
}

export function s64_reduce_min(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<i64, Min<i64>>(x, y, n, inner, i64.MAX_VALUE, 1, begin, end);
}
