// y = clamp(a ∘ b, lo, hi) on plain integers with broadcasting; overflow wraps. Params: { lo, hi } in the element type.
// Units are output elements. The output may be at the address of an operand that has its full shape.
// Where TFLite fails the inference because of a division by zero, the result here is 0.
import { scalarRow, walk } from '../lib/broadcast';
import { BinaryOp } from '../lib/opcodes';

// @ts-ignore: decorator
@inline
function clamped<T>(x: T, params: usize): T {
  return min(max(x, load<T>(params)), load<T>(params, sizeof<T>()));
}

// @ts-ignore: decorator
@inline
function quotient<T>(a: T, b: T): T {
  if (b == 0) return 0;
  // MIN / -1 would trap.
  return isSigned<T>() && b == <T>-1 ? <T>(<T>0 - a) : a / b;
}

// @ts-ignore: decorator
@inline
function floorMod<T>(a: T, b: T): T {
  if (b == 0) return 0;
  const r = a % b;
  return r != 0 && r < 0 != b < 0 ? <T>(r + b) : r;
}

class Add<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return clamped<T>(<T>(a + b), params); }
}
class Sub<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return clamped<T>(<T>(a - b), params); }
}
class Mul<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return clamped<T>(<T>(a * b), params); }
}
class Div<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return clamped<T>(quotient<T>(a, b), params); }
}
class Maximum<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return max(a, b); }
}
class Minimum<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return min(a, b); }
}
class SquaredDifference<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return <T>((a - b) * (a - b)); }
}
class FloorDiv<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T {
    const q = quotient<T>(a, b);
    return <T>(q - <T>(b != 0 && a < 0 != b < 0 && <T>(q * b) != a));
  }
}
class FloorMod<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return floorMod<T>(a, b); }
}
/** Exponents below 0, which TFLite refuses, give 0. */
class Pow<T> {
  s(a: T, b: T, params: usize): T {
    if (b < 0) return 0;
    let r: T = 1;
    while (b) {
      if (b & 1) r = <T>(r * a);
      a = <T>(a * a);
      b >>= 1;
    }
    return r;
  }
}
class And<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return <T>((a != 0) & (b != 0)); }
}
class Or<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return <T>((a != 0) | (b != 0)); }
}
class BitwiseAnd<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return a & b; }
}
class BitwiseXor<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return a ^ b; }
}
/** In 32 bits, by the count modulo 32: what x86 makes of TFLite's expression. */
class ShiftLeft<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return <T>(<i32>a << (<i32>b & 31)); }
}
/** The count is clamped to what the type has. */
class ShiftRight<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T {
    const most = <T>((sizeof<T>() << 3) - 1);
    return a >> (b < 0 ? <T>0 : b > most ? most : b);
  }
}
// The two unary operators of integers, on the first operand.
class Abs<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return a < 0 ? <T>(<T>0 - a) : a; }
}
class Sign<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): T { return <T>(<T>(a > 0) - <T>(a < 0)); }
}

class IntRow<T> {
  row(op: i32, a: usize, b: usize, y: usize, n: i32, sa: i32, sb: i32, params: usize): void {
    switch (op) {
      case BinaryOp.MAXIMUM: scalarRow<Maximum<T>, T, T>(a, b, y, n, sa, sb, params); return;
      case BinaryOp.MINIMUM: scalarRow<Minimum<T>, T, T>(a, b, y, n, sa, sb, params); return;
      case BinaryOp.SHIFT_RIGHT: scalarRow<ShiftRight<T>, T, T>(a, b, y, n, sa, sb, params); return;
    }
    // Larger unsigned integers are signed ones in all that follows.
    if (!isSigned<T>() && sizeof<T>() > 1) return;
    switch (op) {
      case BinaryOp.FLOOR_DIV: scalarRow<FloorDiv<T>, T, T>(a, b, y, n, sa, sb, params); return;
      case BinaryOp.FLOOR_MOD: scalarRow<FloorMod<T>, T, T>(a, b, y, n, sa, sb, params); return;
      case BinaryOp.BITWISE_AND: scalarRow<BitwiseAnd<T>, T, T>(a, b, y, n, sa, sb, params); return;
      case BinaryOp.BITWISE_XOR: scalarRow<BitwiseXor<T>, T, T>(a, b, y, n, sa, sb, params); return;
    }
    if (isSigned<T>()) {
      switch (op) {
        case BinaryOp.ADD: scalarRow<Add<T>, T, T>(a, b, y, n, sa, sb, params); return;
        case BinaryOp.MUL: scalarRow<Mul<T>, T, T>(a, b, y, n, sa, sb, params); return;
        case BinaryOp.SHIFT_LEFT: scalarRow<ShiftLeft<T>, T, T>(a, b, y, n, sa, sb, params); return;
      }
    }
    if (sizeof<T>() == 1) {
      switch (op) {
        case BinaryOp.LOGICAL_AND: scalarRow<And<T>, T, T>(a, b, y, n, sa, sb, params); break;
        case BinaryOp.LOGICAL_OR: scalarRow<Or<T>, T, T>(a, b, y, n, sa, sb, params); break;
      }
    } else {
      switch (op) {
        case BinaryOp.SUB: scalarRow<Sub<T>, T, T>(a, b, y, n, sa, sb, params); break;
        case BinaryOp.DIV: scalarRow<Div<T>, T, T>(a, b, y, n, sa, sb, params); break;
        case BinaryOp.SQUARED_DIFFERENCE: scalarRow<SquaredDifference<T>, T, T>(a, b, y, n, sa, sb, params); break;
        case BinaryOp.POW: scalarRow<Pow<T>, T, T>(a, b, y, n, sa, sb, params); break;
        case BinaryOp.ABS: scalarRow<Abs<T>, T, T>(a, b, y, n, sa, sb, params); break;
        case BinaryOp.SIGN: scalarRow<Sign<T>, T, T>(a, b, y, n, sa, sb, params); break;
      }
    }
  }
}

export function i8_binary(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  walk<IntRow<i8>, i8, i8>(op, a, b, y, shape, params, begin, end);
}

/** bool too. */
export function u8_binary(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  walk<IntRow<u8>, u8, u8>(op, a, b, y, shape, params, begin, end);
}

export function i16_binary(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  walk<IntRow<i16>, i16, i16>(op, a, b, y, shape, params, begin, end);
}

export function i32_binary(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  walk<IntRow<i32>, i32, i32>(op, a, b, y, shape, params, begin, end);
}

export function i64_binary(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  walk<IntRow<i64>, i64, i64>(op, a, b, y, shape, params, begin, end);
}

/** Only where a sign makes a difference: MAXIMUM, MINIMUM, SHIFT_RIGHT. */
export function u16_binary(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  walk<IntRow<u16>, u16, u16>(op, a, b, y, shape, params, begin, end);
}

export function u32_binary(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  walk<IntRow<u32>, u32, u32>(op, a, b, y, shape, params, begin, end);
}

export function u64_binary(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  walk<IntRow<u64>, u64, u64>(op, a, b, y, shape, params, begin, end);
}
