// LSTM in float over a whole sequence, for float weights or weights of bytes (HYBRID). Gates i, f, g, o, without i for CIFG:
//   z = x + R h (+ peephole * c), normalized where NORM says so;  c = f c + i g, clipped;  h = o act(c), projected
// with i, f, o = logistic(z) and g = act(z), act being tanh, the sign bit or a clamp. Without an activation h = o g: TFLite's step
// leaves g where act(c) would be. The input's part x, of all steps, comes from a matrix product before (with the bias, but for
// NORM). R of a gate may be a diagonal, of floats and on the state's floats always.
import { Recurrent } from '../lib/opcodes';
import { activate, activatex4, product } from '../lib/recurrent';
import { logistic, logisticx4 } from '../lib/math';
import { clamp, clampx4, madd, sumx4 } from '../lib/simd';

/** z += w * h. */
function addDiagonal(n: i32, z: usize, w: usize, h: usize): void {
  const end = z + (<usize>n << 2);
  if (ASC_FEATURE_SIMD) {
    for (const whole = z + (<usize>(n & ~3) << 2); z < whole; z += 16, w += 16, h += 16) {
      v128.store(z, madd(v128.load(w), v128.load(h), v128.load(z)));
    }
  }
  for (; z < end; z += 4, w += 4, h += 4) store<f32>(z, load<f32>(z) + load<f32>(w) * load<f32>(h));
}

/** z += x (+ peephole * c), then (z - mean) / deviation * norm + bias. */
function prepare(n: i32, z: usize, x: usize, peephole: usize, c: usize, norm: usize, bias: usize): void {
  const end = z + (<usize>n << 2);
  let p = z;
  if (ASC_FEATURE_SIMD) {
    for (const whole = z + (<usize>(n & ~3) << 2); p < whole; p += 16, x += 16) {
      let v = f32x4.add(v128.load(p), v128.load(x));
      if (peephole) {
        v = madd(v128.load(peephole), v128.load(c), v);
        peephole += 16;
        c += 16;
      }
      v128.store(p, v);
    }
  }
  for (; p < end; p += 4, x += 4) {
    let v = load<f32>(p) + load<f32>(x);
    if (peephole) {
      v += load<f32>(peephole) * load<f32>(c);
      peephole += 4;
      c += 4;
    }
    store<f32>(p, v);
  }
  if (!norm) return;
  const mean = sum(z, n, 0, false) / <f32>n;
  const inverse: f32 = 1 / sqrt<f32>(sum(z, n, mean, true) / <f32>n + 1e-8);
  p = z;
  if (ASC_FEATURE_SIMD) {
    const m = f32x4.splat(mean);
    const s = f32x4.splat(inverse);
    for (const whole = z + (<usize>(n & ~3) << 2); p < whole; p += 16, norm += 16, bias += 16) {
      const v = f32x4.mul(f32x4.sub(v128.load(p), m), s);
      v128.store(p, madd(v, v128.load(norm), v128.load(bias)));
    }
  }
  for (; p < end; p += 4, norm += 4, bias += 4) {
    store<f32>(p, (load<f32>(p) - mean) * inverse * load<f32>(norm) + load<f32>(bias));
  }
}

/** Sum of x - mean, or of its square. */
function sum(x: usize, n: i32, mean: f32, square: bool): f32 {
  const end = x + (<usize>n << 2);
  let total: f32 = 0;
  if (ASC_FEATURE_SIMD) {
    let s = f32x4.splat(0);
    for (const whole = x + (<usize>(n & ~3) << 2); x < whole; x += 16) {
      const v = f32x4.sub(v128.load(x), f32x4.splat(mean));
      s = f32x4.add(s, square ? f32x4.mul(v, v) : v);
    }
    total = sumx4(s);
  }
  for (; x < end; x += 4) {
    const v = load<f32>(x) - mean;
    total += square ? v * v : v;
  }
  return total;
}

/** c = f c + i g; `i` is 0 for CIFG. */
function updateCell(n: i32, i: usize, f: usize, g: usize, c: usize, flags: i32, lo: f32, hi: f32, clip: f32): void {
  const end = c + (<usize>n << 2);
  if (ASC_FEATURE_SIMD) {
    for (const whole = c + (<usize>(n & ~3) << 2); c < whole; c += 16, f += 16, g += 16) {
      const forget = logisticx4(v128.load(f));
      let input = f32x4.sub(f32x4.splat(1), forget);
      if (i) {
        input = logisticx4(v128.load(i));
        i += 16;
      }
      const cell = activatex4(v128.load(g), flags, lo, hi);
      v128.store(c, clampx4(madd(input, cell, f32x4.mul(forget, v128.load(c))), f32x4.splat(-clip), f32x4.splat(clip)));
    }
  }
  for (; c < end; c += 4, f += 4, g += 4) {
    const forget = logistic(load<f32>(f));
    let input: f32 = 1 - forget;
    if (i) {
      input = logistic(load<f32>(i));
      i += 4;
    }
    const cell = activate(load<f32>(g), flags, lo, hi);
    store<f32>(c, clamp(forget * load<f32>(c) + input * cell, -clip, clip));
  }
}

/** h = o act(c), over z. */
function hidden(n: i32, z: usize, c: usize, flags: i32, lo: f32, hi: f32): void {
  const end = z + (<usize>n << 2);
  if (ASC_FEATURE_SIMD) {
    for (const whole = z + (<usize>(n & ~3) << 2); z < whole; z += 16, c += 16) {
      v128.store(z, f32x4.mul(logisticx4(v128.load(z)), activatex4(v128.load(c), flags, lo, hi)));
    }
  }
  for (; z < end; z += 4, c += 4) store<f32>(z, logistic(load<f32>(z)) * activate(load<f32>(c), flags, lo, hi));
}

/** To the state and to the output. */
function emit(n: i32, x: usize, state: usize, y: usize, clip: f32): void {
  for (const end = x + (<usize>n << 2); x < end; x += 4, state += 4, y += 4) {
    const v = clamp(load<f32>(x), -clip, clip);
    store<f32>(state, v);
    store<f32>(y, v);
  }
}

/**
 * Units are rows of the batch.
 * @param x [gates][rows][n], row of step t and batch b at t * timeStride + b * batchStride, as in y
 * @param gateStride elements from gate to gate in x
 * @param w, q packed recurrent weights (lib/recurrent.ts), zeros for gates with a diagonal; unread if all have one
 * @param extras peephole[3], norm[4], bias[4], diagonal[4], each n floats padded to 4
 * @param projection packed [outputs, n] weights, or 0; projectionQ as q
 * @param inputScales [batch] { scale: f32, zeroPoint: i32 } of the input of a single step, for SPARSE gates
 * @param cell [batch, n], state [batch, outputs]
 * @param scratch for m rows: m * 4 n floats, then m * outputs floats, then what products take
 * @param yStride elements from row to row of y
 */
export function f32_lstm(
  n: i32,
  outputs: i32,
  x: usize,
  gateStride: i32,
  w: usize,
  q: usize,
  extras: usize,
  projection: usize,
  projectionQ: usize,
  inputScales: usize,
  cell: usize,
  state: usize,
  y: usize,
  yStride: i32,
  scratch: usize,
  steps: i32,
  timeStride: i32,
  batchStride: i32,
  flags: i32,
  lo: f32,
  hi: f32,
  cellClip: f32,
  projectionClip: f32,
  begin: i32,
  end: i32,
): void {
  const m = end - begin;
  const gates = flags & Recurrent.CIFG ? 3 : 4;
  const row = <usize>n << 2;
  const gate = <usize>gateStride << 2;
  const slot = <usize>((n + 3) & ~3) << 2;
  const norms = extras + 3 * slot;
  const biases = norms + 4 * slot;
  const diagonals = biases + 4 * slot;
  const noMatrix = (((flags | (flags & Recurrent.CIFG ? Recurrent.DIAGONAL : 0)) / Recurrent.DIAGONAL) & 15) == 15;
  const sparse = flags / Recurrent.SPARSE;
  const projected = scratch + <usize>m * row * 4;
  const space = projected + (<usize>(m * outputs) << 2);
  cell += <usize>begin * row;
  state += <usize>(begin * outputs) << 2;
  inputScales += <usize>begin << 3;
  const noActivation = lo == -Infinity && !(flags & (Recurrent.TANH | Recurrent.SIGN_BIT));
  for (let t = 0; t < steps; t++) {
    if (noMatrix) memory.fill(scratch, 0, <usize>(m * gates) * row);
    else product(gates, m, n, outputs, state, w, q, scratch, flags, space, sparse, inputScales);
    // From here on scratch holds h, packed, where the gates were.
    for (let b = 0; b < m; b++) {
      const at = t * timeStride + (begin + b) * batchStride;
      const zo = scratch + <usize>(b * gates + gates - 1) * row;
      const zg = zo - row;
      const zf = zg - row;
      const zi: usize = flags & Recurrent.CIFG ? 0 : zf - row;
      const xo = x + <usize>(at * n << 2) + <usize>(gates - 1) * gate;
      const c = cell + <usize>b * row;
      const peepholes = flags & Recurrent.PEEPHOLE ? extras : 0;
      const norm = flags & Recurrent.NORM ? norms : 0;
      for (let g = 4 - gates; g < 4; g++) {
        if (!(flags & (Recurrent.DIAGONAL << g))) continue;
        addDiagonal(n, zo - <usize>(3 - g) * row, diagonals + <usize>g * slot, state + (<usize>(b * outputs) << 2));
      }
      if (zi) prepare(n, zi, xo - 3 * gate, peepholes, c, norm, biases);
      prepare(n, zf, xo - 2 * gate, peepholes ? peepholes + slot : 0, c, norm ? norm + slot : 0, biases + slot);
      prepare(n, zg, xo - gate, 0, c, norm ? norm + 2 * slot : 0, biases + 2 * slot);
      updateCell(n, zi, zf, zg, c, flags, lo, hi, cellClip);
      prepare(n, zo, xo, peepholes ? peepholes + 2 * slot : 0, c, norm ? norm + 3 * slot : 0, biases + 3 * slot);
      hidden(n, zo, noActivation ? zg : c, flags, lo, hi);
      if (projection) memory.copy(scratch + <usize>b * row, zo, row);
      else emit(n, zo, state + <usize>b * row, y + (<usize>(at * yStride) << 2), Infinity);
    }
    if (!projection) continue;
    product(1, m, outputs, n, scratch, projection, projectionQ, projected, flags, space);
    for (let b = 0; b < m; b++) {
      const to = <usize>(b * outputs) << 2;
      const at = t * timeStride + (begin + b) * batchStride;
      emit(outputs, projected + to, state + to, y + (<usize>(at * yStride) << 2), projectionClip);
    }
  }
}
