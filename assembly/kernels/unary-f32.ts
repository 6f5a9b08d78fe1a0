// y[i] = f(x[i]) in float32, one skeleton for every unary operator and activation. In place is allowed.
// Units are elements. RELU and kin keep NaN; ROUND rounds halves to even, as TFLite does.
// SIN and COS (scalar, with exact range reduction) are AssemblyScript's own, which are musl's.
import { exp, expm1NonPositive, expm1NonPositivex4, expx4, gelu, gelux4, log, logistic, logisticx4, logx4, tanh, tanhx4 } from '../lib/math';
import { UnaryOp } from '../lib/opcodes';
import { clamp, clampx4, selectx4, storeLanes32 } from '../lib/simd';

// Each operator: `v` on four lanes, `s` its scalar twin. `p` is LEAKY_RELU's alpha.
class Abs {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 { return f32x4.abs(x); }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return abs(x); }
}
class Ceil {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 { return f32x4.ceil(x); }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return ceil(x); }
}
class Elu {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 {
    return selectx4(expm1NonPositivex4(x), x, f32x4.lt(x, f32x4.splat(0)));
  }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return x < 0 ? expm1NonPositive(x) : x; }
}
class Exp {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 { return expx4(x); }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return exp(x); }
}
class Floor {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 { return f32x4.floor(x); }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return floor(x); }
}
class Gelu {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 { return gelux4(x); }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return gelu(x); }
}
/** x/2 * (1 + tanh(u)) = x / (1 + e^(-2 u)), u = sqrt(2/pi) * (x + 0.044715 x^3) */
class GeluTanh {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 {
    const cube = f32x4.mul(f32x4.mul(f32x4.mul(x, f32x4.splat(0.044715)), x), x);
    return f32x4.mul(x, logisticx4(f32x4.mul(f32x4.add(x, cube), f32x4.splat(1.5957691216057))));
  }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return x * logistic((x + x * 0.044715 * x * x) * 1.5957691216057); }
}
/** x * clamp(x + 3, 0, 6) / 6 */
class HardSwish {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 {
    const gate = clampx4(f32x4.add(x, f32x4.splat(3)), f32x4.splat(0), f32x4.splat(6));
    return f32x4.mul(f32x4.mul(x, f32x4.splat(0.16666667)), gate);
  }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return x * 0.16666667 * clamp(x + 3, 0, 6); }
}
class LeakyRelu {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 {
    return selectx4(x, f32x4.mul(x, p), f32x4.gt(x, f32x4.splat(0)));
  }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return x > 0 ? x : x * p; }
}
class Log {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 { return logx4(x); }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return log(x); }
}
class Logistic {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 { return logisticx4(x); }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return logistic(x); }
}
class Neg {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 { return f32x4.neg(x); }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return -x; }
}
class Round {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 { return f32x4.nearest(x); }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return nearest(x); }
}
class Rsqrt {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 { return f32x4.div(f32x4.splat(1), f32x4.sqrt(x)); }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return 1 / sqrt(x); }
}
class Sign {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 {
    const zero = f32x4.splat(0);
    const plus = v128.and(f32x4.gt(x, zero), f32x4.splat(1));
    const minus = v128.and(f32x4.lt(x, zero), f32x4.splat(-1));
    return v128.bitselect(v128.or(plus, minus), x, f32x4.eq(x, x));
  }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return x != x ? x : <f32>(i32(x > 0) - i32(x < 0)); }
}
class Sqrt {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 { return f32x4.sqrt(x); }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return sqrt(x); }
}
class Square {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 { return f32x4.mul(x, x); }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return x * x; }
}
class Tanh {
  // @ts-ignore: decorator
  @inline v(x: v128, p: v128): v128 { return tanhx4(x); }
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return tanh(x); }
}
class Cos {
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return NativeMathf.cos(x); }
}
class Sin {
  // @ts-ignore: decorator
  @inline s(x: f32, p: f32): f32 { return NativeMathf.sin(x); }
}

/** Four vectors a turn, which share constants: long functions spend much of their time on those. */
function mapLong<F>(x: usize, y: usize, begin: i32, end: i32): void {
  if (ASC_FEATURE_SIMD) {
    const p = f32x4.splat(0);
    let i = begin;
    for (; i + 16 <= end; i += 16) {
      const o = <usize>i << 2;
      const r0 = changetype<F>(0).v(v128.load(x + o), p);
      const r1 = changetype<F>(0).v(v128.load(x + o, 16), p);
      const r2 = changetype<F>(0).v(v128.load(x + o, 32), p);
      const r3 = changetype<F>(0).v(v128.load(x + o, 48), p);
      v128.store(y + o, r0);
      v128.store(y + o, r1, 16);
      v128.store(y + o, r2, 32);
      v128.store(y + o, r3, 48);
    }
    map<F>(x, y, 0, i, end);
  } else {
    mapScalar<F>(x, y, 0, begin, end);
  }
}

function map<F>(x: usize, y: usize, alpha: f32, begin: i32, end: i32): void {
  if (ASC_FEATURE_SIMD) {
    const p = f32x4.splat(alpha);
    // The last elements go through the same lanes, so that results don't depend on where a range is split.
    for (let i = begin; i < end; i += 4) {
      const o = <usize>i << 2;
      const r = changetype<F>(0).v(v128.load(x + o), p);
      if (i + 4 <= end) v128.store(y + o, r);
      else storeLanes32(y + o, r, end - i);
    }
  } else {
    mapScalar<F>(x, y, alpha, begin, end);
  }
}

function mapScalar<F>(x: usize, y: usize, alpha: f32, begin: i32, end: i32): void {
  for (let o = <usize>begin << 2; o < <usize>end << 2; o += 4) {
    store<f32>(y + o, changetype<F>(0).s(load<f32>(x + o), alpha));
  }
}

/** Clamps: NaN stays, infinities as limits do nothing. */
function mapClamp(x: usize, y: usize, lo: f32, hi: f32, begin: i32, end: i32): void {
  let i = begin;
  if (ASC_FEATURE_SIMD) {
    const lows = f32x4.splat(lo);
    const highs = f32x4.splat(hi);
    for (; i + 4 <= end; i += 4) {
      const o = <usize>i << 2;
      v128.store(y + o, clampx4(v128.load(x + o), lows, highs));
    }
  }
  for (; i < end; i++) {
    const o = <usize>i << 2;
    store<f32>(y + o, clamp(load<f32>(x + o), lo, hi));
  }
}

/** `op` is a UnaryOp; `alpha` is read by LEAKY_RELU only. */
export function f32_unary(op: i32, x: usize, y: usize, alpha: f32, begin: i32, end: i32): void {
  switch (op) {
    case UnaryOp.ABS: map<Abs>(x, y, alpha, begin, end); break;
    case UnaryOp.CEIL: map<Ceil>(x, y, alpha, begin, end); break;
    case UnaryOp.COS: mapScalar<Cos>(x, y, alpha, begin, end); break;
    case UnaryOp.ELU: mapLong<Elu>(x, y, begin, end); break;
    case UnaryOp.EXP: mapLong<Exp>(x, y, begin, end); break;
    case UnaryOp.FLOOR: map<Floor>(x, y, alpha, begin, end); break;
    case UnaryOp.GELU: mapLong<Gelu>(x, y, begin, end); break;
    case UnaryOp.GELU_TANH: mapLong<GeluTanh>(x, y, begin, end); break;
    case UnaryOp.HARD_SWISH: mapLong<HardSwish>(x, y, begin, end); break;
    case UnaryOp.LEAKY_RELU: map<LeakyRelu>(x, y, alpha, begin, end); break;
    case UnaryOp.LOG: map<Log>(x, y, alpha, begin, end); break;
    case UnaryOp.LOGISTIC: mapLong<Logistic>(x, y, begin, end); break;
    case UnaryOp.NEG: map<Neg>(x, y, alpha, begin, end); break;
    case UnaryOp.RELU: mapClamp(x, y, 0, Infinity, begin, end); break;
    case UnaryOp.RELU_0_TO_1: mapClamp(x, y, 0, 1, begin, end); break;
    case UnaryOp.RELU6: mapClamp(x, y, 0, 6, begin, end); break;
    case UnaryOp.RELU_N1_TO_1: mapClamp(x, y, -1, 1, begin, end); break;
    case UnaryOp.ROUND: map<Round>(x, y, alpha, begin, end); break;
    case UnaryOp.RSQRT: map<Rsqrt>(x, y, alpha, begin, end); break;
    case UnaryOp.SIGN: map<Sign>(x, y, alpha, begin, end); break;
    case UnaryOp.SIN: mapScalar<Sin>(x, y, alpha, begin, end); break;
    case UnaryOp.SQRT: map<Sqrt>(x, y, alpha, begin, end); break;
    case UnaryOp.SQUARE: map<Square>(x, y, alpha, begin, end); break;
    case UnaryOp.TANH: mapLong<Tanh>(x, y, begin, end); break;
  }
}
