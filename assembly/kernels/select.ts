// y = condition ? a : b on elements of 1, 2, 4 or 8 bytes with broadcasting; conditions are bytes. The shape block (i32) is
// that of lib/broadcast.ts with three operands: { outer, n, strides of condition, a, b, then { dim, three strides } each }.
// Units are output elements.
import { copyRun } from '../lib/copy';

// @ts-ignore: decorator
@inline
function rows<T>(condition: usize, a: usize, b: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  const outer = load<i32>(shape);
  const n = load<i32>(shape, 4);
  const sc = load<i32>(shape, 8);
  const sa = load<i32>(shape, 12);
  const sb = load<i32>(shape, 16);
  let row = begin < end ? begin / n : 0;
  let column = begin - row * n;
  while (begin < end) {
    const count = min(n - column, end - begin);
    let ic = column * sc;
    let ia = column * sa;
    let ib = column * sb;
    let index = row;
    for (let d = outer - 1; d >= 0; d--) {
      const p = shape + 20 + d * 16;
      const dim = load<i32>(p);
      const i = d > 0 ? index % dim : index;
      index /= dim;
      ic += i * load<i32>(p, 4);
      ia += i * load<i32>(p, 8);
      ib += i * load<i32>(p, 12);
    }
    const c = condition + ic;
    const p = a + (<usize>ia << alignof<T>());
    const q = b + (<usize>ib << alignof<T>());
    const to = y + (<usize>begin << alignof<T>());
    if (sc === 0 && (load<u8>(c) ? sa : sb) === 1) {
      copyRun(load<u8>(c) ? p : q, to, count << <i32>alignof<T>());
    } else {
      for (let i = 0; i < count; i++) {
        const x = load<T>(p + (<usize>(i * sa) << alignof<T>()));
        const z = load<T>(q + (<usize>(i * sb) << alignof<T>()));
        store<T>(to + (<usize>i << alignof<T>()), select<T>(x, z, load<u8>(c + i * sc)));
      }
    }
    begin += count;
    row++;
    column = 0;
  }
}

export function x8_select(condition: usize, a: usize, b: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  rows<u8>(condition, a, b, y, shape, begin, end);
}

export function x16_select(condition: usize, a: usize, b: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  rows<u16>(condition, a, b, y, shape, begin, end);
}

export function x32_select(condition: usize, a: usize, b: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  rows<u32>(condition, a, b, y, shape, begin, end);
}

export function x64_select(condition: usize, a: usize, b: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  rows<u64>(condition, a, b, y, shape, begin, end);
}
