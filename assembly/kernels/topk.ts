// The k largest of the first n elements of each row, in decreasing order, and their positions: x [rows, stride], values and
// indices [rows, k]. Of equal elements the first comes first; NaN comes after every number. Units are rows.

// @ts-ignore: decorator
@inline
function greater<T>(a: T, b: T): bool {
  return a > b || (isFloat<T>() && b != b && a == a);
}

/** Insertion into the sorted outputs: most elements of a row fail the one comparison with the smallest kept. */
// @ts-ignore: decorator
@inline
function topk<T>(x: usize, values: usize, indices: usize, stride: i32, n: i32, k: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const p = x + <usize>row * stride * sizeof<T>();
    const v = values + <usize>row * k * sizeof<T>();
    const q = indices + (<usize>row * k << 2);
    for (let i = 0; i < n; i++) {
      if (ASC_FEATURE_SIMD && isFloat<T>()) {
        if (i >= k && k > 0) {
          // Most vectors hold nothing above the smallest kept.
          const least = v128.load32_splat(v + (<usize>k << 2) - 4);
          while (i + 4 <= n && i32x4.all_true(f32x4.le(v128.load(p + (<usize>i << 2)), least))) i += 4;
          if (i >= n) break;
        }
      }
      const a = load<T>(p + i * sizeof<T>());
      let at = min(i, k);
      while (at > 0) {
        const b = load<T>(v + (at - 1) * sizeof<T>());
        if (!greater<T>(a, b)) break;
        if (at < k) {
          store<T>(v + at * sizeof<T>(), b);
          store<i32>(q + (at << 2), load<i32>(q + (at << 2) - 4));
        }
        at--;
      }
      if (at < k) {
        store<T>(v + at * sizeof<T>(), a);
        store<i32>(q + (at << 2), i);
      }
    }
  }
}

export function f32_topk(x: usize, values: usize, indices: usize, stride: i32, n: i32, k: i32, begin: i32, end: i32): void {
  topk<f32>(x, values, indices, stride, n, k, begin, end);
}

export function s32_topk(x: usize, values: usize, indices: usize, stride: i32, n: i32, k: i32, begin: i32, end: i32): void {
  topk<i32>(x, values, indices, stride, n, k, begin, end);
}

export function s64_topk(x: usize, values: usize, indices: usize, stride: i32, n: i32, k: i32, begin: i32, end: i32): void {
  topk<i64>(x, values, indices, stride, n, k, begin, end);
}

export function s16_topk(x: usize, values: usize, indices: usize, stride: i32, n: i32, k: i32, begin: i32, end: i32): void {
  topk<i16>(x, values, indices, stride, n, k, begin, end);
}

export function s8_topk(x: usize, values: usize, indices: usize, stride: i32, n: i32, k: i32, begin: i32, end: i32): void {
  topk<i8>(x, values, indices, stride, n, k, begin, end);
}

export function u8_topk(x: usize, values: usize, indices: usize, stride: i32, n: i32, k: i32, begin: i32, end: i32): void {
  topk<u8>(x, values, indices, stride, n, k, begin, end);
}
