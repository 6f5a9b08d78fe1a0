// y = clamp(a ∘ b, lo, hi) in float32 with broadcasting. Params: { lo, hi: f32 }. Units are output elements.
// The output may be at the address of an operand that has its full shape. The clamp keeps NaN; MAXIMUM and MINIMUM
// give the second operand where one is NaN, as TFLite's a > b ? a : b.
import { scalarRow, walk } from '../lib/broadcast';
import { BinaryOp } from '../lib/opcodes';
import { clamp, clampx4, selectx4, storeLanes32 } from '../lib/simd';

class Add {
  // @ts-ignore: decorator
  @inline v(a: v128, b: v128): v128 { return f32x4.add(a, b); }
  // @ts-ignore: decorator
  @inline f(a: f32, b: f32): f32 { return a + b; }
}
class Sub {
  // @ts-ignore: decorator
  @inline v(a: v128, b: v128): v128 { return f32x4.sub(a, b); }
  // @ts-ignore: decorator
  @inline f(a: f32, b: f32): f32 { return a - b; }
}
class Mul {
  // @ts-ignore: decorator
  @inline v(a: v128, b: v128): v128 { return f32x4.mul(a, b); }
  // @ts-ignore: decorator
  @inline f(a: f32, b: f32): f32 { return a * b; }
}
class Div {
  // @ts-ignore: decorator
  @inline v(a: v128, b: v128): v128 { return f32x4.div(a, b); }
  // @ts-ignore: decorator
  @inline f(a: f32, b: f32): f32 { return a / b; }
}
class Maximum {
  // @ts-ignore: decorator
  @inline v(a: v128, b: v128): v128 { return f32x4.pmax(b, a); }
  // @ts-ignore: decorator
  @inline f(a: f32, b: f32): f32 { return a > b ? a : b; }
}
class Minimum {
  // @ts-ignore: decorator
  @inline v(a: v128, b: v128): v128 { return f32x4.pmin(b, a); }
  // @ts-ignore: decorator
  @inline f(a: f32, b: f32): f32 { return a < b ? a : b; }
}
class SquaredDifference {
  // @ts-ignore: decorator
  @inline v(a: v128, b: v128): v128 {
    const d = f32x4.sub(a, b);
    return f32x4.mul(d, d);
  }
  // @ts-ignore: decorator
  @inline f(a: f32, b: f32): f32 { return (a - b) * (a - b); }
}
class FloorDiv {
  // @ts-ignore: decorator
  @inline v(a: v128, b: v128): v128 { return f32x4.floor(f32x4.div(a, b)); }
  // @ts-ignore: decorator
  @inline f(a: f32, b: f32): f32 { return floor(a / b); }
}
/** `b` is the slope of negative values. */
class Prelu {
  // @ts-ignore: decorator
  @inline v(a: v128, b: v128): v128 {
    return selectx4(a, f32x4.mul(a, b), f32x4.ge(a, f32x4.splat(0)));
  }
  // @ts-ignore: decorator
  @inline f(a: f32, b: f32): f32 { return a >= 0 ? a : a * b; }
}
/** The remainder with the divisor's sign. */
class FloorMod {
  // @ts-ignore: decorator
  @inline s(a: f32, b: f32, params: usize): f32 {
    const r = NativeMathf.mod(a, b);
    return r != 0 && r < 0 != b < 0 ? r + b : r;
  }
}
class Pow {
  // @ts-ignore: decorator
  @inline s(a: f32, b: f32, params: usize): f32 { return NativeMathf.pow(a, b); }
}

class Atan2 {
  // @ts-ignore: decorator
  @inline s(a: f32, b: f32, params: usize): f32 { return NativeMathf.atan2(a, b); }
}

/** The scalar form of F behind the clamp, for scalarRow. */
class Clamped<F> {
  // @ts-ignore: decorator
  @inline s(a: f32, b: f32, params: usize): f32 {
    return clamp(changetype<F>(0).f(a, b), load<f32>(params), load<f32>(params, 4));
  }
}

function row<F>(a: usize, b: usize, y: usize, n: i32, sa: i32, sb: i32, params: usize): void {
  if (ASC_FEATURE_SIMD) {
    const lo = v128.load32_splat(params);
    const hi = v128.load32_splat(params, 4);
    let a0 = v128.load32_splat(a);
    let b0 = v128.load32_splat(b);
    let a1 = a0;
    let b1 = b0;
    for (; n >= 8; n -= 8) {
      if (sa) {
        a0 = v128.load(a);
        a1 = v128.load(a, 16);
        a += 32;
      }
      if (sb) {
        b0 = v128.load(b);
        b1 = v128.load(b, 16);
        b += 32;
      }
      v128.store(y, clampx4(changetype<F>(0).v(a0, b0), lo, hi));
      v128.store(y, clampx4(changetype<F>(0).v(a1, b1), lo, hi), 16);
      y += 32;
    }
    // In the order of the loads: y may be a or b.
    for (; n > 0; n -= 4) {
      if (sa) a0 = v128.load(a);
      if (sb) b0 = v128.load(b);
      const r = clampx4(changetype<F>(0).v(a0, b0), lo, hi);
      if (n >= 4) v128.store(y, r);
      else storeLanes32(y, r, n);
      a += 16;
      b += 16;
      y += 16;
    }
  } else {
    scalarRow<Clamped<F>, f32, f32>(a, b, y, n, sa, sb, params);
  }
}

class F32Row {
  row(op: i32, a: usize, b: usize, y: usize, n: i32, sa: i32, sb: i32, params: usize): void {
    switch (op) {
      case BinaryOp.ADD: row<Add>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.SUB: row<Sub>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.MUL: row<Mul>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.DIV: row<Div>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.MAXIMUM: row<Maximum>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.MINIMUM: row<Minimum>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.SQUARED_DIFFERENCE: row<SquaredDifference>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.FLOOR_DIV: row<FloorDiv>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.FLOOR_MOD: scalarRow<FloorMod, f32, f32>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.POW: scalarRow<Pow, f32, f32>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.ATAN2: scalarRow<Atan2, f32, f32>(a, b, y, n, sa, sb, params); break;
      case BinaryOp.PRELU: row<Prelu>(a, b, y, n, sa, sb, params); break;
    }
  }
}

/** `op` is a BinaryOp, `shape` a block as in lib/broadcast.ts. */
export function f32_binary(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  walk<F32Row, f32, f32>(op, a, b, y, shape, params, begin, end);
}

/** (re, im) pairs of float32 as 64 bits. */
class ComplexMul {
  // @ts-ignore: decorator
  @inline s(a: u64, b: u64, params: usize): u64 {
    const ar = reinterpret<f32>(<u32>a);
    const ai = reinterpret<f32>(<u32>(a >> 32));
    const br = reinterpret<f32>(<u32>b);
    const bi = reinterpret<f32>(<u32>(b >> 32));
    const re = reinterpret<u32>(ar * br - ai * bi);
    return <u64>re | (<u64>reinterpret<u32>(ar * bi + ai * br) << 32);
  }
}

class ComplexRow {
  row(op: i32, a: usize, b: usize, y: usize, n: i32, sa: i32, sb: i32, params: usize): void {
    scalarRow<ComplexMul, u64, u64>(a, b, y, n, sa, sb, params);
  }
}

/** y = a * b on complex numbers. */
export function c64_multiply(a: usize, b: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  walk<ComplexRow, u64, u64>(0, a, b, y, shape, 0, begin, end);
}
