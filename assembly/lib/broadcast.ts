// The walk of binary element-wise kernels over broadcast shapes. A shape block (i32; made by
// bindings/ops/shared/broadcast.ts) holds { outer, n, strideA, strideB, then { dim, strideA, strideB } for each of the
// `outer` dimensions, outermost first }: rows of n elements, in which each operand advances by 1 or stays (stride 0).

/**
 * Output elements begin..end of type Y from operands of type T: whole rows and parts of rows, by R's method
 * `row(op, a, b, y, n, strideA, strideB, params)`.
 */
// @ts-ignore: decorator
@inline
export function walk<R, T, Y>(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  const outer = load<i32>(shape);
  const n = load<i32>(shape, 4);
  const sa = load<i32>(shape, 8);
  const sb = load<i32>(shape, 12);
  let row = begin < end ? begin / n : 0;
  let column = begin - row * n;
  while (begin < end) {
    const count = min(n - column, end - begin);
    let ia = column * sa;
    let ib = column * sb;
    let index = row;
    for (let d = outer - 1; d >= 0; d--) {
      const p = shape + 16 + d * 12;
      let i = index;
      if (d > 0) {
        const dim = load<i32>(p);
        index /= dim;
        i -= index * dim;
      }
      ia += i * load<i32>(p, 4);
      ib += i * load<i32>(p, 8);
    }
    changetype<R>(0).row(
      op,
      a + ((<usize>ia) << alignof<T>()),
      b + ((<usize>ib) << alignof<T>()),
      y + ((<usize>begin) << alignof<Y>()),
      count,
      sa,
      sb,
      params,
    );
    begin += count;
    row++;
    column = 0;
  }
}

/** y[i] = F.s(a[i * sa], b[i * sb], params), one element at a time. */
export function scalarRow<F, T, Y>(a: usize, b: usize, y: usize, n: i32, sa: i32, sb: i32, params: usize): void {
  const stepA = <usize>sa << alignof<T>();
  const stepB = <usize>sb << alignof<T>();
  const last = y + ((<usize>n) << alignof<Y>());
  while (y < last) {
    store<Y>(y, changetype<F>(0).s(load<T>(a), load<T>(b), params));
    a += stepA;
    b += stepB;
    y += sizeof<Y>();
  }
}
