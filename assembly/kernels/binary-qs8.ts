// Quantized binary operators on int8, uint8 and int16, with broadcasting. Units are output elements. The output may be at the
// address of an operand that has its full shape. uint8 is int8 with the top bit flipped: `flip` = 128 and all zero
// points and limits less 128.
//   exact, as TFLite (M(x, m, s) its MultiplyByQuantizedMultiplier):
//     ADD  zo + M(A + B, mo, so),  A = M((a - za) << left, ma, sa), B likewise, times `sign` (-1: SUB)
//     MUL  zo + M((a - za)(b - zb), mo, so)
//     SQUARED_DIFFERENCE  zo + M((A - B)^2, mo, so)
//     DIV  zo + (a - za) / (b - zb) through a fixed-point reciprocal; x / 0 is 0
//     PRELU  zo + M(a - za, ma, sa), or for a < za zo + M((a - za)(b - zb), mo, so)
//     comparisons  A ∘ B as bool
//   fast, as XNNPACK:
//     ADD  zo + ((a ma + b mb + bias) >> shift), half up, zero points in the bias
//     MUL  zo + round to nearest even of (a - za)(b - zb) * scale
// Params (i32; made by bindings/ops/shared/quantized.ts): see the offsets below.
import { scalarRow, walk } from '../lib/broadcast';
import { reciprocal } from '../lib/fixed-point';
import { CompareOp, QuantizedOp } from '../lib/opcodes';
import {
  clampQuantized,
  multiplyByQuantizedMultiplier,
  requantizeFast,
  requantizeFastx4,
  roundingDoublingHighMul,
  roundingDoublingHighMulx4,
} from '../lib/requantize';
import { storeBytes } from '../lib/simd';

const FLIP: usize = 0;
const ZA: usize = 4;
const ZB: usize = 8;
const ZO: usize = 12;
const LO: usize = 16;
const HI: usize = 20;
const LEFT: usize = 24;
const MA: usize = 28;
const SA: usize = 32;
const MB: usize = 36;
const SB: usize = 40;
const MO: usize = 44;
const SO: usize = 48;
/** ADD's sign; fast ADD's bias; fast MUL's scale as f32. */
const EXTRA: usize = 52;

/** Lower bits of fast ADD's multipliers, which have 22 bits and a sign: two products of 16 bits cost less than one of 32. */
const SPLIT: i32 = 11;

// @ts-ignore: decorator
@inline
function widen<T>(x: T, params: usize): i32 {
  return sizeof<T>() == 1 ? <i32>(<i8>(x ^ <T>load<i32>(params, FLIP))) : <i32>x;
}

// @ts-ignore: decorator
@inline
function finish<T>(x: i32, params: usize): T {
  const q = clampQuantized(x, load<i32>(params, ZO), load<i32>(params, LO), load<i32>(params, HI));
  return <T>(q ^ load<i32>(params, FLIP));
}

// @ts-ignore: decorator
@inline
function scaled(x: i32, params: usize, z: usize, m: usize, s: usize): i32 {
  const shifted = (x - load<i32>(params + z)) << load<i32>(params, LEFT);
  return multiplyByQuantizedMultiplier(shifted, load<i32>(params + m), load<i32>(params + s));
}

// @ts-ignore: decorator
@inline
function rescaled(x: i32, params: usize): i32 {
  return multiplyByQuantizedMultiplier(x, load<i32>(params, MO), load<i32>(params, SO));
}

// @ts-ignore: decorator
@inline
function product<T>(a: T, b: T, params: usize): i32 {
  return (widen<T>(a, params) - load<i32>(params, ZA)) * (widen<T>(b, params) - load<i32>(params, ZB));
}

class AddExact<T> {
  s(a: T, b: T, params: usize): T {
    const x = scaled(widen<T>(a, params), params, ZA, MA, SA);
    const y = scaled(widen<T>(b, params), params, ZB, MB, SB);
    return finish<T>(rescaled(x + y * load<i32>(params, EXTRA), params), params);
  }
}
class AddFast<T> {
  s(a: T, b: T, params: usize): T {
    const x = widen<T>(a, params) * load<i32>(params, MA) + widen<T>(b, params) * load<i32>(params, MB);
    return finish<T>((x + load<i32>(params, EXTRA)) >> load<i32>(params, SO), params);
  }
}
class MulExact<T> {
  s(a: T, b: T, params: usize): T {
    return finish<T>(rescaled(product<T>(a, b, params), params), params);
  }
}
class MulFast<T> {
  s(a: T, b: T, params: usize): T {
    return finish<T>(requantizeFast(product<T>(a, b, params), load<f32>(params, EXTRA)), params);
  }
}
class SquaredDifference<T> {
  s(a: T, b: T, params: usize): T {
    const x = scaled(widen<T>(a, params), params, ZA, MA, SA);
    const d = x - scaled(widen<T>(b, params), params, ZB, MB, SB);
    return finish<T>(rescaled(d * d, params), params);
  }
}
class Prelu<T> {
  s(a: T, b: T, params: usize): T {
    const x = widen<T>(a, params) - load<i32>(params, ZA);
    const y = x >= 0
      ? multiplyByQuantizedMultiplier(x, load<i32>(params, MA), load<i32>(params, SA))
      : rescaled(product<T>(a, b, params), params);
    return finish<T>(y, params);
  }
}
class Div<T> {
  s(a: T, b: T, params: usize): T {
    let x = widen<T>(a, params) - load<i32>(params, ZA);
    let d = widen<T>(b, params) - load<i32>(params, ZB);
    if (d == 0) return finish<T>(0, params);
    if (d < 0) {
      x = -x;
      d = -d;
    }
    const inverse = reciprocal(d);
    // As many bits as fit: x is shifted up, the result down again.
    const headroom = <i32>clz(x < 0 ? ~x : x) - 1;
    const q = roundingDoublingHighMul(x << headroom, inverse);
    const shift = load<i32>(params, SO) - (31 - <i32>clz(d)) - headroom;
    // Below -31 TFLite's shift wraps around, and so does this one.
    return finish<T>(multiplyByQuantizedMultiplier(q, load<i32>(params, MO), shift), params);
  }
}

// Comparisons of values brought to one scale.
class Equal<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): u8 {
    return u8(scaled(widen<T>(a, params), params, ZA, MA, SA) == scaled(widen<T>(b, params), params, ZB, MB, SB));
  }
}
class Less<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): u8 {
    return u8(scaled(widen<T>(a, params), params, ZA, MA, SA) < scaled(widen<T>(b, params), params, ZB, MB, SB));
  }
}
class Not<F, T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): u8 { return changetype<F>(0).s(a, b, params) ^ 1; }
}
class LessEqual<T> {
  // @ts-ignore: decorator
  @inline s(a: T, b: T, params: usize): u8 {
    return u8(scaled(widen<T>(a, params), params, ZA, MA, SA) <= scaled(widen<T>(b, params), params, ZB, MB, SB));
  }
}

/** x / 2^r in four lanes, halves away from zero; |x| < 2^30, r in 0..31, `half` = 2^(r - 1). */
// @ts-ignore: decorator
@inline
function dividex4(x: v128, r: i32, half: v128): v128 {
  // For r = 0 nothing may be taken off negative values.
  return r ? i32x4.shr_s(i32x4.add(i32x4.add(x, i32x4.shr_s(x, 31)), half), r) : x;
}

/** M(x, m, left - r) in four lanes. */
// @ts-ignore: decorator
@inline
function rescaledx4(x: v128, left: i32, m: v128, r: i32, half: v128): v128 {
  return dividex4(roundingDoublingHighMulx4(i32x4.shl(x, left), m), r, half);
}

/** M(x << 20, m, -r) for |x| < 256 and m = high * 2^16 + low: (x m + 2^10) >> 11 in two products that fit into 32 bits. */
// @ts-ignore: decorator
@inline
function scaledx4(x: v128, high: v128, low: v128, r: i32, half: v128): v128 {
  const rest = i32x4.shr_s(i32x4.add(i32x4.mul(x, low), i32x4.splat(1024)), 11);
  return dividex4(i32x4.add(i32x4.shl(i32x4.mul(x, high), 5), rest), r, half);
}

/** 2^(r - 1). */
// @ts-ignore: decorator
@inline
function halfOf(r: i32): v128 {
  return i32x4.splat(1 << (max(r, 1) - 1));
}

/** Eight bytes as int16; `flip` is the flip widened to int16. */
// @ts-ignore: decorator
@inline
function load8(p: usize, flip: v128): v128 {
  return v128.xor(v128.load_ext<i8>(p), flip);
}

/** A row's scalar in all lanes, as load8 would give it. */
// @ts-ignore: decorator
@inline
function splat8(p: usize, params: usize): v128 {
  return i16x8.splat(<i16>widen<i8>(load<i8>(p), params));
}

// @ts-ignore: decorator
@inline
function wideFlip(params: usize): v128 {
  return i16x8.splat(<i16><i8>load<i32>(params, FLIP));
}

/** Bytes of two vectors of int16. */
// @ts-ignore: decorator
@inline
function clamped(low: v128, high: v128, lo: v128, hi: v128, flip: v128): v128 {
  return v128.xor(i8x16.min_s(i8x16.max_s(i8x16.narrow_i16x8_s(low, high), lo), hi), flip);
}

/** The first n of eight bytes; the rest of the row is few enough for a call. */
// @ts-ignore: decorator
@inline
function store8(y: usize, bytes: v128, n: i32): void {
  if (n >= 8) v128.store64_lane(y, bytes, 0);
  else storeBytes(y, bytes, n);
}

function addExact(a: usize, b: usize, y: usize, n: i32, sa: i32, sb: i32, params: usize): void {
  const flip = i8x16.splat(<i8>load<i32>(params, FLIP));
  const flip16 = wideFlip(params);
  const za = i16x8.splat(<i16>load<i32>(params, ZA));
  const zb = i16x8.splat(<i16>load<i32>(params, ZB));
  const zo = i16x8.splat(<i16>load<i32>(params, ZO));
  const lo = i8x16.splat(<i8>load<i32>(params, LO));
  const hi = i8x16.splat(<i8>load<i32>(params, HI));
  const highA = i32x4.splat(load<i32>(params, MA) >> 16);
  const lowA = i32x4.splat(load<i32>(params, MA) & 0xffff);
  const highB = i32x4.splat(load<i32>(params, MB) >> 16);
  const lowB = i32x4.splat(load<i32>(params, MB) & 0xffff);
  const mo = v128.load32_splat(params, MO);
  const sign = i32x4.splat(load<i32>(params, EXTRA) >> 31);
  const rA = -load<i32>(params, SA);
  const rB = -load<i32>(params, SB);
  const rO = max(-load<i32>(params, SO), 0);
  const leftO = max(load<i32>(params, SO), 0);
  const halfA = halfOf(rA);
  const halfB = halfOf(rB);
  const halfO = halfOf(rO);
  let a0 = i32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  // A row's scalar is scaled in the first turn only.
  for (let first = 1; n > 0; n -= 8) {
    if (sa | first) {
      const x = i16x8.sub(sa ? load8(a, flip16) : splat8(a, params), za);
      a0 = scaledx4(i32x4.extend_low_i16x8_s(x), highA, lowA, rA, halfA);
      a1 = scaledx4(i32x4.extend_high_i16x8_s(x), highA, lowA, rA, halfA);
      a += 8;
    }
    if (sb | first) {
      const x = i16x8.sub(sb ? load8(b, flip16) : splat8(b, params), zb);
      b0 = scaledx4(i32x4.extend_low_i16x8_s(x), highB, lowB, rB, halfB);
      b1 = scaledx4(i32x4.extend_high_i16x8_s(x), highB, lowB, rB, halfB);
      b0 = i32x4.sub(v128.xor(b0, sign), sign);
      b1 = i32x4.sub(v128.xor(b1, sign), sign);
      b += 8;
    }
    first = 0;
    const r0 = rescaledx4(i32x4.add(a0, b0), leftO, mo, rO, halfO);
    const r1 = rescaledx4(i32x4.add(a1, b1), leftO, mo, rO, halfO);
    const q = i16x8.add_sat_s(i16x8.narrow_i32x4_s(r0, r1), zo);
    store8(y, clamped(q, q, lo, hi, flip), n);
    y += 8;
  }
}

/** (a ma + b mb + bias) >> shift for pairs (a, b) of int16, with the upper bits and the lower SPLIT bits of (ma, mb). */
// @ts-ignore: decorator
@inline
function sumPairs(pairs: v128, high: v128, low: v128, bias: v128, shift: i32): v128 {
  const sum = i32x4.shl(i32x4.dot_i16x8_s(pairs, high), SPLIT);
  return i32x4.shr_s(i32x4.add(sum, i32x4.add(i32x4.dot_i16x8_s(pairs, low), bias)), shift);
}

/** Eight of them as int16, with the zero point. */
// @ts-ignore: decorator
@inline
function sum8(a: v128, b: v128, high: v128, low: v128, bias: v128, shift: i32, zo: v128): v128 {
  const r0 = sumPairs(v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11), high, low, bias, shift);
  const r1 = sumPairs(v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), high, low, bias, shift);
  return i16x8.add_sat_s(i16x8.narrow_i32x4_s(r0, r1), zo);
}

function addFast(a: usize, b: usize, y: usize, n: i32, sa: i32, sb: i32, params: usize): void {
  const flip = i8x16.splat(<i8>load<i32>(params, FLIP));
  const flip16 = wideFlip(params);
  const zo = i16x8.splat(<i16>load<i32>(params, ZO));
  const lo = i8x16.splat(<i8>load<i32>(params, LO));
  const hi = i8x16.splat(<i8>load<i32>(params, HI));
  const ma = load<i32>(params, MA);
  const mb = load<i32>(params, MB);
  const mask = (1 << SPLIT) - 1;
  const high = i32x4.splat(((mb >> SPLIT) << 16) | ((ma >> SPLIT) & 0xffff));
  const low = i32x4.splat(((mb & mask) << 16) | (ma & mask));
  const shift = load<i32>(params, SO);
  const bias = v128.load32_splat(params, EXTRA);
  let a0 = splat8(a, params);
  let b0 = splat8(b, params);
  let a1 = a0;
  let b1 = b0;
  for (; n >= 16; n -= 16) {
    if (sa) {
      a0 = load8(a, flip16);
      a1 = load8(a + 8, flip16);
      a += 16;
    }
    if (sb) {
      b0 = load8(b, flip16);
      b1 = load8(b + 8, flip16);
      b += 16;
    }
    const r0 = sum8(a0, b0, high, low, bias, shift, zo);
    v128.store(y, clamped(r0, sum8(a1, b1, high, low, bias, shift, zo), lo, hi, flip));
    y += 16;
  }
  for (; n > 0; n -= 8) {
    if (sa) a0 = load8(a, flip16);
    if (sb) b0 = load8(b, flip16);
    const r = sum8(a0, b0, high, low, bias, shift, zo);
    store8(y, clamped(r, r, lo, hi, flip), n);
    a += 8;
    b += 8;
    y += 8;
  }
}

/** Eight rescaled products as int16, with the zero point. */
// @ts-ignore: decorator
@inline
function product8(
  a: v128, b: v128, exact: bool, left: i32, mo: v128, r: i32, half: v128, scale: v128, zo: v128,
): v128 {
  let r0 = i32x4.extmul_low_i16x8_s(a, b);
  let r1 = i32x4.extmul_high_i16x8_s(a, b);
  if (exact) {
    r0 = rescaledx4(r0, left, mo, r, half);
    r1 = rescaledx4(r1, left, mo, r, half);
  } else {
    r0 = requantizeFastx4(r0, scale);
    r1 = requantizeFastx4(r1, scale);
  }
  return i16x8.add_sat_s(i16x8.narrow_i32x4_s(r0, r1), zo);
}

function mul(a: usize, b: usize, y: usize, n: i32, sa: i32, sb: i32, params: usize, exact: bool): void {
  const flip = i8x16.splat(<i8>load<i32>(params, FLIP));
  const flip16 = wideFlip(params);
  const za = i16x8.splat(<i16>load<i32>(params, ZA));
  const zb = i16x8.splat(<i16>load<i32>(params, ZB));
  const zo = i16x8.splat(<i16>load<i32>(params, ZO));
  const lo = i8x16.splat(<i8>load<i32>(params, LO));
  const hi = i8x16.splat(<i8>load<i32>(params, HI));
  const mo = v128.load32_splat(params, MO);
  const r = max(-load<i32>(params, SO), 0);
  const half = halfOf(r);
  const left = max(load<i32>(params, SO), 0);
  const scale = v128.load32_splat(params, EXTRA);
  let a0 = i16x8.sub(splat8(a, params), za);
  let b0 = i16x8.sub(splat8(b, params), zb);
  let a1 = a0;
  let b1 = b0;
  for (; n >= 16; n -= 16) {
    if (sa) {
      a0 = i16x8.sub(load8(a, flip16), za);
      a1 = i16x8.sub(load8(a + 8, flip16), za);
      a += 16;
    }
    if (sb) {
      b0 = i16x8.sub(load8(b, flip16), zb);
      b1 = i16x8.sub(load8(b + 8, flip16), zb);
      b += 16;
    }
    const r0 = product8(a0, b0, exact, left, mo, r, half, scale, zo);
    v128.store(y, clamped(r0, product8(a1, b1, exact, left, mo, r, half, scale, zo), lo, hi, flip));
    y += 16;
  }
  for (; n > 0; n -= 8) {
    if (sa) a0 = i16x8.sub(load8(a, flip16), za);
    if (sb) b0 = i16x8.sub(load8(b, flip16), zb);
    const q = product8(a0, b0, exact, left, mo, r, half, scale, zo);
    store8(y, clamped(q, q, lo, hi, flip), n);
    a += 8;
    b += 8;
    y += 8;
  }
}

class QuantizedRow<T> {
  row(op: i32, a: usize, b: usize, y: usize, n: i32, sa: i32, sb: i32, params: usize): void {
    if (ASC_FEATURE_SIMD && sizeof<T>() == 1) {
      switch (op) {
        case QuantizedOp.ADD_EXACT: addExact(a, b, y, n, sa, sb, params); return;
        case QuantizedOp.ADD_FAST: addFast(a, b, y, n, sa, sb, params); return;
        case QuantizedOp.MUL_EXACT: mul(a, b, y, n, sa, sb, params, true); return;
        case QuantizedOp.MUL_FAST: mul(a, b, y, n, sa, sb, params, false); return;
      }
    } else {
      switch (op) {
        case QuantizedOp.ADD_EXACT: scalarRow<AddExact<T>, T, T>(a, b, y, n, sa, sb, params); return;
        case QuantizedOp.MUL_EXACT: scalarRow<MulExact<T>, T, T>(a, b, y, n, sa, sb, params); return;
      }
      if (sizeof<T>() == 1) {
        switch (op) {
          case QuantizedOp.ADD_FAST: scalarRow<AddFast<T>, T, T>(a, b, y, n, sa, sb, params); return;
          case QuantizedOp.MUL_FAST: scalarRow<MulFast<T>, T, T>(a, b, y, n, sa, sb, params); return;
        }
      }
    }
    switch (op) {
      case QuantizedOp.SQUARED_DIFFERENCE: scalarRow<SquaredDifference<T>, T, T>(a, b, y, n, sa, sb, params); break;
      case QuantizedOp.DIV: scalarRow<Div<T>, T, T>(a, b, y, n, sa, sb, params); break;
      case QuantizedOp.PRELU: scalarRow<Prelu<T>, T, T>(a, b, y, n, sa, sb, params); break;
    }
  }
}

class QuantizedCompareRow<T> {
  row(op: i32, a: usize, b: usize, y: usize, n: i32, sa: i32, sb: i32, params: usize): void {
    switch (op) {
      case CompareOp.EQUAL: scalarRow<Equal<T>, T, u8>(a, b, y, n, sa, sb, params); break;
      case CompareOp.NOT_EQUAL: scalarRow<Not<Equal<T>, T>, T, u8>(a, b, y, n, sa, sb, params); break;
      case CompareOp.LESS: scalarRow<Less<T>, T, u8>(a, b, y, n, sa, sb, params); break;
      case CompareOp.LESS_EQUAL: scalarRow<LessEqual<T>, T, u8>(a, b, y, n, sa, sb, params); break;
    }
  }
}

/** int8 and uint8; `op` is a QuantizedOp, `shape` a block as in lib/broadcast.ts. */
export function qs8_binary(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  walk<QuantizedRow<i8>, i8, i8>(op, a, b, y, shape, params, begin, end);
}

/** int16, exact forms only. */
export function qs16_binary(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  walk<QuantizedRow<i16>, i16, i16>(op, a, b, y, shape, params, begin, end);
}

/** int8 and uint8; `op` is a CompareOp. */
export function qs8_compare(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  walk<QuantizedCompareRow<i8>, i8, u8>(op, a, b, y, shape, params, begin, end);
}

export function qs16_compare(op: i32, a: usize, b: usize, y: usize, shape: usize, params: usize, begin: i32, end: i32): void {
  walk<QuantizedCompareRow<i16>, i16, u8>(op, a, b, y, shape, params, begin, end);
}
