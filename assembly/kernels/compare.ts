// y = a ∘ b as bool (one byte) with broadcasting, on the stored values of any plain type. Units are output elements.
import { scalarRow, walk } from '../lib/broadcast';
import { CompareOp } from '../lib/opcodes';

class Equal<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): u8 { return u8(a == b); }
}
class NotEqual<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): u8 { return u8(a != b); }
}
class Less<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): u8 { return u8(a < b); }
}
class LessEqual<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): u8 { return u8(a <= b); }
}

class CompareRow<T> {
  row(op: i32, a: usize, b: usize, y: usize, n: i32, sa: i32, sb: i32, params: usize): void {
    switch (op) {
      case CompareOp.EQUAL: scalarRow<Equal<T>, T, u8>(a, b, y, n, sa, sb, params); break;
      case CompareOp.NOT_EQUAL: scalarRow<NotEqual<T>, T, u8>(a, b, y, n, sa, sb, params); break;
      case CompareOp.LESS: scalarRow<Less<T>, T, u8>(a, b, y, n, sa, sb, params); break;
      case CompareOp.LESS_EQUAL: scalarRow<LessEqual<T>, T, u8>(a, b, y, n, sa, sb, params); break;
    }
  }
}

/** `op` is a CompareOp, `shape` a block as in lib/broadcast.ts. */
export function f32_compare(op: i32, a: usize, b: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  walk<CompareRow<f32>, f32, u8>(op, a, b, y, shape, 0, begin, end);
}

export function x8_compare(op: i32, a: usize, b: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  walk<CompareRow<u8>, u8, u8>(op, a, b, y, shape, 0, begin, end);
}

export function i16_compare(op: i32, a: usize, b: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  walk<CompareRow<i16>, i16, u8>(op, a, b, y, shape, 0, begin, end);
}

export function i32_compare(op: i32, a: usize, b: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  walk<CompareRow<i32>, i32, u8>(op, a, b, y, shape, 0, begin, end);
}

export function i64_compare(op: i32, a: usize, b: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  walk<CompareRow<i64>, i64, u8>(op, a, b, y, shape, 0, begin, end);
}
