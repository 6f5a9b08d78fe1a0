// y = a ∘ b in float64 with broadcasting, for the few operators that TFLite has it for. Units are output elements. The output
// may be at the address of an operand that has its full shape. MAXIMUM and MINIMUM give the second operand where one is NaN.
import { scalarRow, walk } from '../lib/broadcast';
import { BinaryOp } from '../lib/opcodes';

class Add {
  // @ts-ignore: decorator
  @inline s(a: f64, b: f64, params: usize): f64 { return a + b; }
}
class Mul {
  // @ts-ignore: decorator
  @inline s(a: f64, b: f64, params: usize): f64 { return a * b; }
}
class Maximum {
  // @ts-ignore: decorator
  @inline s(a: f64, b: f64, params: usize): f64 { return a > b ? a : b; }
}
class Minimum {
  // @ts-ignore: decorator
  @inline s(a: f64, b: f64, params: usize): f64 { return a < b ? a : b; }
}
class Atan2 {
  // @ts-ignore: decorator
  @inline s(a: f64, b: f64, params: usize): f64 { return NativeMath.atan2(a, b); }
}

/** The sign of the first operand; NaN has none. */
class Sign {
  // @ts-ignore: decorator
  @inline s(a: f64, b: f64, params: usize): f64 { return f64(a > 0) - f64(a < 0); }
}

class F64Row {
  row(op: i32, a: usize, b: usize, y: usize, n: i32, sa: i32, sb: i32, params: usize): void {
    switch (op) {
      case BinaryOp.ADD: scalarRow<Add, f64, f64>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.MUL: scalarRow<Mul, f64, f64>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.MAXIMUM: scalarRow<Maximum, f64, f64>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.MINIMUM: scalarRow<Minimum, f64, f64>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.ATAN2: scalarRow<Atan2, f64, f64>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.SIGN: scalarRow<Sign, f64, f64>(a, b, y, n, sa, sb, params); break;
    }
  }
}

/** ADD, MUL, MAXIMUM, MINIMUM, ATAN2, SIGN. */
export function f64_binary(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  walk<F64Row, f64, f64>(op, a, b, y, shape, params, begin, end);
}
