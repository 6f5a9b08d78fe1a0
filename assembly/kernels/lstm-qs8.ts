// LSTM on int8 with an int16 cell state over a whole sequence, TFLite's integer form 8x8_16, bit for bit in every build.
// Gates are int16 with 12 fractional bits: the products with the input and with the state, both int32 sums, rescaled and
// added with saturation (+ peephole * c), normalized where NORM says so; then gemmlowp's logistic and tanh. The cell state's
// scale is a power of two. Also TFLite's older uint8 cell, one step, in which both products are rescaled as one sum, and its
// form 8x8_8, one step, in which both products are rounded to bytes, and floats normalize and activate.
import { logistic16, logistic16x8, saturate16, tanh16, tanh16x8 } from '../lib/fixed-point16';
import { inverseSqrt } from '../lib/fixed-point';
import { Recurrent } from '../lib/opcodes';
import { productQs8 } from '../lib/recurrent';
import {
  multiplyByQuantizedMultiplier,
  multiplyByReducedMultiplier,
  requantizeExactx4,
  roundingDivideByPOT,
  roundingDivideByPOTx4,
} from '../lib/requantize';

// A multiplier in a parameter block: { multiplier, shift }, both int32.

// @ts-ignore: decorator
@inline
function rescale(x: i32, q: usize): i32 {
  return multiplyByQuantizedMultiplier(x, load<i32>(q), load<i32>(q, 4));
}

/** The vector form; `left` and `right` are what leftOf and rightOf make of the shift. */
// @ts-ignore: decorator
@inline
function rescalex4(x: v128, q: usize, left: v128, right: v128): v128 {
  return requantizeExactx4(x, v128.load32_splat(q), left, right);
}

// @ts-ignore: decorator
@inline
function leftOf(q: usize): v128 {
  return i32x4.splat(1 << max(load<i32>(q, 4), 0));
}

// @ts-ignore: decorator
@inline
function rightOf(q: usize): v128 {
  const shift = load<i32>(q, 4);
  return i32x4.splat(shift < 0 ? 1 << (31 + shift) : 0);
}

/** z = sat(sat(x * a) + r * b), x and r int32, z int16. */
function addProducts(n: i32, z: usize, x: usize, r: usize, a: usize, b: usize): void {
  const end = z + (<usize>n << 1);
  if (ASC_FEATURE_SIMD) {
    const la = leftOf(a);
    const ra = rightOf(a);
    const lb = leftOf(b);
    const rb = rightOf(b);
    for (const whole = z + (<usize>(n & ~7) << 1); z < whole; z += 16, x += 32, r += 32) {
      const s = i16x8.narrow_i32x4_s(rescalex4(v128.load(x), a, la, ra), rescalex4(v128.load(x, 16), a, la, ra));
      const low = i32x4.add(i32x4.extend_low_i16x8_s(s), rescalex4(v128.load(r), b, lb, rb));
      const high = i32x4.add(i32x4.extend_high_i16x8_s(s), rescalex4(v128.load(r, 16), b, lb, rb));
      v128.store(z, i16x8.narrow_i32x4_s(low, high));
    }
  }
  for (; z < end; z += 2, x += 4, r += 4) {
    store<i16>(z, <i16>saturate16(saturate16(rescale(load<i32>(x), a)) + rescale(load<i32>(r), b)));
  }
}

/** z = sat(z + w * c * q). */
function addPeephole(n: i32, z: usize, w: usize, c: usize, q: usize): void {
  for (const end = z + (<usize>n << 1); z < end; z += 2, w += 2, c += 2) {
    store<i16>(z, <i16>saturate16(<i32>load<i16>(z) + rescale(<i32>load<i16>(w) * <i32>load<i16>(c), q)));
  }
}

/** z = (z - mean) / deviation * w + bias, with ten more bits in between. `q` is followed by the least variance. */
function normalize(n: i32, z: usize, w: usize, bias: usize, q: usize): void {
  let sum: i64 = 0;
  let squares: i64 = 0;
  for (let i = 0; i < n; i++) {
    const v = <i32>load<i16>(z + (<usize>i << 1));
    sum += <i64>v;
    squares += <i64>(v * v);
  }
  const mean = <i32>((sum * 1024) / <i64>n);
  let variance = <i32>((squares * <i64>((1 << 20) / n) - <i64>mean * <i64>mean) / (1 << 20));
  if (variance < 1) variance = load<i32>(q, 8);
  const inverse = inverseSqrt(variance);
  const multiplier = <i32>inverse;
  const right = <i32>(inverse >> 32);
  for (let i = 0; i < n; i++) {
    const p = z + (<usize>i << 1);
    const rescaled = multiplyByQuantizedMultiplier(1024 * <i32>load<i16>(p) - mean, multiplier, -right);
    const v = <i64>(rescaled * <i32>load<i16>(w + (<usize>i << 1))) + <i64>load<i32>(bias + (<usize>i << 2));
    const tenth = <i32>((v > 0 ? v + 512 : v - 512) / 1024);
    store<i16>(p, <i16>saturate16(multiplyByQuantizedMultiplier(tenth, load<i32>(q), load<i32>(q, 4) + 12)));
  }
}

// @ts-ignore: decorator
@inline
function dividex8(a: v128, b: v128, right: v128): v128 {
  return i16x8.narrow_i32x4_s(
    roundingDivideByPOTx4(i32x4.extmul_low_i16x8_s(a, b), right),
    roundingDivideByPOTx4(i32x4.extmul_high_i16x8_s(a, b), right),
  );
}

/** c = clamp(f c + i g); i g is shifted right by `shift`, and `i` is 0 for CIFG. */
function updateCell(n: i32, i: usize, f: usize, g: usize, c: usize, shift: i32, lo: i32, hi: i32): void {
  const end = c + (<usize>n << 1);
  if (ASC_FEATURE_SIMD) {
    const one = i32x4.splat(1 << 16);
    const right = i32x4.splat(1 << (31 - shift));
    for (const whole = c + (<usize>(n & ~7) << 1); c < whole; c += 16, f += 16, g += 16) {
      const forget = logistic16x8(v128.load(f));
      let input = i16x8.sub(i16x8.splat(32767), forget);
      if (i) {
        input = logistic16x8(v128.load(i));
        i += 16;
      }
      const kept = dividex8(forget, v128.load(c), one);
      const v = i16x8.add_sat_s(kept, dividex8(input, tanh16x8(v128.load(g), 11), right));
      v128.store(c, i16x8.min_s(i16x8.max_s(v, i16x8.splat(<i16>lo)), i16x8.splat(<i16>hi)));
    }
  }
  for (; c < end; c += 2, f += 2, g += 2) {
    const forget = logistic16(<i32>load<i16>(f));
    let input = 32767 - forget;
    if (i) {
      input = logistic16(<i32>load<i16>(i));
      i += 2;
    }
    const kept = roundingDivideByPOT(forget * <i32>load<i16>(c), 15);
    const added = roundingDivideByPOT(input * tanh16(<i32>load<i16>(g), 11), shift);
    store<i16>(c, <i16>min(max(kept + added, lo), hi));
  }
}

/** h = sat(o tanh(c) q + zeroPoint) as int8. */
function hidden(n: i32, o: usize, c: usize, h: usize, q: usize, zeroPoint: i32, bits: i32): void {
  const end = o + (<usize>n << 1);
  if (ASC_FEATURE_SIMD) {
    const left = leftOf(q);
    const right = rightOf(q);
    const zero = i32x4.splat(zeroPoint);
    for (const whole = o + (<usize>(n & ~7) << 1); o < whole; o += 16, c += 16, h += 8) {
      const a = logistic16x8(v128.load(o));
      const b = tanh16x8(v128.load(c), bits);
      const low = i32x4.add(rescalex4(i32x4.extmul_low_i16x8_s(a, b), q, left, right), zero);
      const high = i32x4.add(rescalex4(i32x4.extmul_high_i16x8_s(a, b), q, left, right), zero);
      const s = i16x8.narrow_i32x4_s(low, high);
      v128.store64_lane(h, i8x16.narrow_i16x8_s(s, s), 0);
    }
  }
  for (; o < end; o += 2, c += 2, h++) {
    const v = rescale(logistic16(<i32>load<i16>(o)) * tanh16(<i32>load<i16>(c), bits), q) + zeroPoint;
    store<i8>(h, <i8>min(max(v, -128), 127));
  }
}

/**
 * Units are rows of the batch.
 * @param x [gates][rows][n] int32 sums, row of step t and batch b at t * timeStride + b * batchStride, as in y
 * @param gateStride elements from gate to gate in x
 * @param w packed recurrent weights (lib/recurrent.ts)
 * @param extras peephole[3] and norm[4], each n int16 padded to 8, then bias[4], each n int32 padded to 8
 * @param projection packed [outputs, n] weights with bias, or 0
 * @param q multipliers { multiplier, shift } of: input[4], state[4], peephole[3], hidden, projection; then
 *   norm[4] { multiplier, shift, least variance }
 * @param cell [batch, n] int16, state [batch, outputs] int8
 * @param scratch for m rows: m * 4 n int32, m * outputs int32, 4 n int16, m * n int8, each padded to 16, then what
 *   products take
 * @param cellShift right shift of i * g
 * @param tanhBits fractional bits of 2c
 * @param hiddenZero zero point of the state, or what stands before the projection
 */
export function qs8_lstm(
  n: i32,
  outputs: i32,
  x: usize,
  gateStride: i32,
  w: usize,
  extras: usize,
  projection: usize,
  q: usize,
  cell: usize,
  state: usize,
  y: usize,
  scratch: usize,
  steps: i32,
  timeStride: i32,
  batchStride: i32,
  flags: i32,
  cellShift: i32,
  tanhBits: i32,
  cellLo: i32,
  cellHi: i32,
  stateZero: i32,
  hiddenZero: i32,
  lo: i32,
  hi: i32,
  begin: i32,
  end: i32,
): void {
  const m = end - begin;
  const gates = flags & Recurrent.CIFG ? 3 : 4;
  const gate = <usize>gateStride << 2;
  const sumRow = <usize>n << 2;
  const row = <usize>n << 1;
  const slot = <usize>((n + 7) & ~7) << 1;
  const norms = extras + 3 * slot;
  const biases = norms + 4 * slot;
  const projected = scratch + ((<usize>m * sumRow * 4 + 15) & ~15);
  const z = projected + ((<usize>(m * outputs * 4) + 15) & ~15);
  const h = z + 4 * slot;
  const space = h + (<usize>(m * n + 15) & ~15);
  cell += <usize>begin * row;
  state += <usize>(begin * outputs);
  for (let t = 0; t < steps; t++) {
    productQs8(gates, m, n, outputs, state, stateZero, w, scratch, space);
    for (let b = 0; b < m; b++) {
      const at = t * timeStride + (begin + b) * batchStride;
      const c = cell + <usize>b * row;
      for (let g = 4 - gates; g < 4; g++) {
        const part = <usize>(g + gates - 4);
        // The output gate looks at the new cell state.
        if (g == 3) {
          updateCell(n, flags & Recurrent.CIFG ? 0 : z, z + slot, z + 2 * slot, c, cellShift, cellLo, cellHi);
        }
        const zg = z + <usize>g * slot;
        const p = q + <usize>(g << 3);
        addProducts(n, zg, x + part * gate + <usize>(at * n << 2), scratch + (<usize>(b * gates) + part) * sumRow, p, p + 32);
        if (flags & Recurrent.PEEPHOLE && g != 2) {
          const i = <usize>(g == 3 ? 2 : g);
          addPeephole(n, zg, extras + i * slot, c, q + 64 + (i << 3));
        }
        if (flags & Recurrent.NORM) {
          normalize(n, zg, norms + <usize>g * slot, biases + <usize>g * slot * 2, q + 104 + <usize>(g * 12));
        }
      }
      const to = projection ? h + <usize>(b * n) : state + <usize>(b * outputs);
      hidden(n, z + 3 * slot, c, to, q + 88, hiddenZero, tanhBits);
      if (!projection) memory.copy(y + <usize>(at * outputs), to, outputs);
    }
    if (!projection) continue;
    productQs8(1, m, outputs, n, h, hiddenZero, projection, projected, space);
    for (let b = 0; b < m; b++) {
      const at = t * timeStride + (begin + b) * batchStride;
      const to = state + <usize>(b * outputs);
      for (let i = 0; i < outputs; i++) {
        const v = rescale(load<i32>(projected + (<usize>(b * outputs + i) << 2)), q + 96) + stateZero;
        store<i8>(to + i, <i8>min(max(min(max(v, -128), 127), lo), hi));
      }
      memory.copy(y + <usize>(at * outputs), to, outputs);
    }
  }
}

/**
 * One step of TFLite's older uint8 cell. c is int16 with 11 fractional bits, h has scale 1/128 and zero point 128.
 * Units are rows.
 * @param x, r [gates][rows][n] int32 sums of i, g, f, o
 * @param y [rows, n] uint8
 */
export function qu8_lstm_cell(
  n: i32,
  x: usize,
  r: usize,
  gateStride: i32,
  c: usize,
  newC: usize,
  y: usize,
  multiplier: i32,
  shift: i32,
  begin: i32,
  end: i32,
): void {
  const gate = <usize>gateStride << 2;
  for (let e = begin * n; e < end * n; e++) {
    const p = x + (<usize>e << 2);
    const s = r + (<usize>e << 2);
    const i = logistic16(summed(p, s, multiplier, shift));
    const g = tanh16(summed(p + gate, s + gate, multiplier, shift), 11);
    const f = logistic16(summed(p + 2 * gate, s + 2 * gate, multiplier, shift));
    const o = logistic16(summed(p + 3 * gate, s + 3 * gate, multiplier, shift));
    const added = roundingDivideByPOT((i * g + 0x4000) >> 15, 4);
    const state = saturate16(added + ((f * <i32>load<i16>(c + (<usize>e << 1)) + 0x4000) >> 15));
    store<i16>(newC + (<usize>e << 1), <i16>state);
    const h = (o * tanh16(saturate16(state << 1), 11) + 0x4000) >> 15;
    store<u8>(y + e, <u8>(128 + min(max(roundingDivideByPOT(h, 8), -128), 127)));
  }
}

// @ts-ignore: decorator
@inline
function summed(x: usize, r: usize, multiplier: i32, shift: i32): i32 {
  return saturate16(multiplyByQuantizedMultiplier(load<i32>(x) + load<i32>(r), multiplier, shift));
}

// @ts-ignore: decorator
@inline
function saturate8(x: i32): i32 {
  return min(max(x, -128), 127);
}

/** e^x for |x| of at most some hundreds, to about 2^-51: what rounds to float32 as the exact value does. */
function exp(x: f64): f64 {
  const k = nearest<f64>(x * 1.4426950408889634);
  const rest = x - k * 0.6931471803691238 - k * 1.9082149292705877e-10;
  let y: f64 = 1;
  for (let i: f64 = 13; i > 0; i--) y = 1 + (rest * y) / i;
  return y * reinterpret<f64>((1023 + <i64>k) << 52);
}

/** 1 / (1 + e^-x) in float32, x with 12 fractional bits; cut off to 15. */
// @ts-ignore: decorator
@inline
function logisticCut(x: i32): i32 {
  const e = <f32>exp(-<f64>x / 4096);
  return <i32>((<f32>1 / (e + 1)) * 32768);
}

/** tanh(x * scale) rounded to float32, cut off to 15 fractional bits. Older libm's tanhf, off in the last place, differ for a few x. */
// @ts-ignore: decorator
@inline
function tanhCut(x: i32, scale: f64): i32 {
  const t = <i32>(<f32>(1 - 2 / (exp(2 * <f64>abs(x) * scale) + 1)) * 32768);
  return x < 0 ? -t : t;
}

/** As `normalize`, in float32, sums in order. What is no number comes out as -32768, as x86 converts it. */
function normalizeFloat(n: i32, z: usize, w: usize, bias: usize, scale: f32): void {
  let sum: f32 = 0;
  let squares: f32 = 0;
  for (let i = 0; i < n; i++) {
    const v = <f32>load<i16>(z + (<usize>i << 1));
    sum += v;
    squares += v * v;
  }
  const mean = sum / <f32>n;
  const variance = squares / <f32>n - mean * mean;
  const inverse: f32 = 1 / sqrt<f32>(variance == 0 ? <f32>1e-8 : variance);
  const biasScale: f32 = scale / 1024;
  for (let i = 0; i < n; i++) {
    const p = z + (<usize>i << 1);
    const weighted = (<f32>load<i16>(p) - mean) * inverse * <f32>load<i16>(w + (<usize>i << 1)) * scale;
    const v = (weighted + <f32>load<i32>(bias + (<usize>i << 2)) * biasScale) * 4096;
    const whole = trunc<f32>(v);
    const rounded = abs<f32>(v - whole) >= 0.5 ? whole + copysign<f32>(1, v) : whole;
    const inside = abs<f32>(rounded) < 2147483648;
    store<i16>(p, <i16>(inside ? saturate16(<i32>rounded) : -32768));
  }
}

/** Bytes of a gate's block of qs8_lstm_coarse. */
const COARSE_GATE: usize = 44;

/**
 * One step of TFLite's integer form 8x8_8: gates f, g, o, all normalized, and a projection. Units are rows of the batch.
 * @param x [gates][rows][n] int32 sums
 * @param gateStride elements from gate to gate in x
 * @param w packed recurrent weights (lib/recurrent.ts)
 * @param extras norm[3], each n int16 padded to 8, then bias[3], each n int32 padded to 8, then the projection's, outputs int32
 * @param projection [outputs, n] int8
 * @param q for each gate: { multiplier, shift, zero point } of the bytes that the input's product becomes, and of the state's;
 *   { multiplier, shift } of either in the sum; scale of `norm`: f32. Then { multiplier, shift } of the projection.
 * @param cell [batch, n] int16 with 15 fractional bits, state and y [batch, outputs] int8
 * @param scratch for m rows: m * 3 n int32, 3 n int16, each padded to 16, then what products take
 */
export function qs8_lstm_coarse(
  n: i32,
  outputs: i32,
  x: usize,
  gateStride: i32,
  w: usize,
  extras: usize,
  projection: usize,
  q: usize,
  cell: usize,
  state: usize,
  y: usize,
  scratch: usize,
  cellLo: i32,
  cellHi: i32,
  stateZero: i32,
  lo: i32,
  hi: i32,
  begin: i32,
  end: i32,
): void {
  const m = end - begin;
  const slot = <usize>((n + 7) & ~7) << 1;
  const biases = extras + 3 * slot;
  const projectionBias = biases + 6 * slot;
  const z = scratch + ((<usize>(m * n * 12) + 15) & ~15);
  const forget = z;
  const output = z + 2 * slot;
  productQs8(3, m, n, outputs, state + <usize>(begin * outputs), stateZero, w, scratch, z + 3 * slot);
  for (let b = begin; b < end; b++) {
    for (let g = 0; g < 3; g++) {
      const p = q + <usize>g * COARSE_GATE;
      const fromX = x + (<usize>(g * gateStride + b * n) << 2);
      const fromH = scratch + (<usize>(((b - begin) * 3 + g) * n) << 2);
      const zg = z + <usize>g * slot;
      const xZero = load<i32>(p, 8);
      const hZero = load<i32>(p, 20);
      for (let i = 0; i < n; i++) {
        const at = <usize>i << 2;
        const a = saturate8(rescale(load<i32>(fromX + at), p) + xZero) - xZero;
        const h = saturate8(rescale(load<i32>(fromH + at), p + 12) + hZero) - hZero;
        store<i16>(zg + (<usize>i << 1), <i16>saturate16(rescale(a, p + 24) + rescale(h, p + 32)));
      }
      normalizeFloat(n, zg, extras + <usize>g * slot, biases + <usize>g * 2 * slot, load<f32>(p, 40));
    }
    const c = cell + (<usize>(b * n) << 1);
    for (let i = 0; i < n; i++) {
      const at = <usize>i << 1;
      const f = logisticCut(<i32>load<i16>(forget + at));
      const g = tanhCut(<i32>load<i16>(forget + slot + at), 1.0 / 4096);
      const kept = roundingDivideByPOT(f * <i32>load<i16>(c + at), 15);
      const next = min(max(saturate16(kept + roundingDivideByPOT((32767 - f) * g, 15)), cellLo), cellHi);
      store<i16>(c + at, <i16>next);
      const o = logisticCut(<i32>load<i16>(output + at));
      store<i16>(output + at, <i16>roundingDivideByPOT(o * tanhCut(next, 1.0 / 32768), 15));
    }
    const to = <usize>(b * outputs);
    for (let j = 0; j < outputs; j++) {
      let sum = <i64>load<i32>(projectionBias + (<usize>j << 2));
      const row = projection + <usize>(j * n);
      for (let i = 0; i < n; i++) sum += <i64>(<i32>load<i16>(output + (<usize>i << 1)) * <i32>load<i8>(row + i));
      const p = q + 3 * COARSE_GATE;
      const v = saturate8(multiplyByReducedMultiplier(sum, load<i32>(p), load<i32>(p, 4)) + stateZero);
      store<i8>(state + to + j, <i8>min(max(v, lo), hi));
    }
    memory.copy(y + to, state + to, outputs);
  }
}
