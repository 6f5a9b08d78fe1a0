// Reductions over sliding windows of any rank: y[o] = init (op) x[tap] over all taps of o's window, in row-major order. The
// input may be dilated and padded or cropped; taps between elements and beside them count as init, once each, as in TFLite's
// stablehlo_reduce_window.cc, so that results (floats, too) are the same.
// A row of outputs is folded tap by tap. Units are rows.

/** Fields of an axis in `axes`, int32; the last axis is that of the rows, and is not dilated. */
const OUTPUT: usize = 0;
const STRIDE: usize = 4;
const WINDOW: usize = 8;
const DILATION: usize = 12;
/** Padding before the input, negative where that is cropped. */
const LOW: usize = 16;
/** Size of the dilated input. */
const SIZE: usize = 20;
const BASE: usize = 24;
/** Bytes from one element of the input to the next. */
const STEP: usize = 28;
const FIELDS: usize = 32;

// Operations, as in bindings/ops/shared/reduce-window.ts.
const ADD: i32 = 0;
const MUL: i32 = 1;
const MINIMUM: i32 = 2;
const MAXIMUM: i32 = 3;
const ALL: i32 = 4;

/** y[i] = y[i] op x[i * step]; steps in bytes. */
// @ts-ignore: decorator
@inline
function fold<T>(op: i32, y: usize, x: usize, step: usize, n: i32): void {
  const end = y + n * sizeof<T>();
  const simd = ASC_FEATURE_SIMD && sizeof<T>() == 4 && step == sizeof<T>();
  if (op == ADD) {
    if (simd) for (; y + 16 <= end; y += 16, x += 16) v128.store(y, v128.add<T>(v128.load(y), v128.load(x)));
    for (; y < end; y += sizeof<T>(), x += step) store<T>(y, <T>(load<T>(y) + load<T>(x)));
  } else if (op == MUL) {
    if (simd) for (; y + 16 <= end; y += 16, x += 16) v128.store(y, v128.mul<T>(v128.load(y), v128.load(x)));
    for (; y < end; y += sizeof<T>(), x += step) store<T>(y, <T>(load<T>(y) * load<T>(x)));
  } else if (op == MINIMUM) {
    for (; y < end; y += sizeof<T>(), x += step) {
      const b = load<T>(x);
      if (!(load<T>(y) <= b)) store<T>(y, b);
    }
  } else if (op == MAXIMUM) {
    for (; y < end; y += sizeof<T>(), x += step) {
      const b = load<T>(x);
      if (!(load<T>(y) >= b)) store<T>(y, b);
    }
  } else if (op == ALL) {
    for (; y < end; y += sizeof<T>(), x += step) store<T>(y, <T>(load<T>(y) != 0 && load<T>(x) != 0 ? 1 : 0));
  } else {
    for (; y < end; y += sizeof<T>(), x += step) store<T>(y, <T>(load<T>(y) != 0 || load<T>(x) != 0 ? 1 : 0));
  }
}

/** `type` counts the types of bindings/ops/shared/reduce-window.ts. */
function foldRow(type: i32, op: i32, y: usize, x: usize, step: usize, n: i32): void {
  if (type == 0) fold<f32>(op, y, x, step, n);
  else if (type == 1) fold<i8>(op, y, x, step, n);
  else if (type == 2) fold<u8>(op, y, x, step, n);
  else if (type == 3) fold<i16>(op, y, x, step, n);
  else if (type == 4) fold<i32>(op, y, x, step, n);
  else if (type == 5) fold<i64>(op, y, x, step, n);
  else fold<f64>(op, y, x, step, n);
}

/**
 * @param y rows [units, n of the last axis]
 * @param init one element
 * @param size bytes of an element
 * @param axes `rank` axes of eight int32 each
 * @param state scratch: 8 bytes an axis
 */
export function xx_reduce_window(
  x: usize, y: usize, init: usize, type: i32, op: i32, size: i32, axes: usize, rank: i32, state: usize, begin: i32, end: i32,
): void {
  const inner = rank - 1;
  const row = axes + <usize>inner * FIELDS;
  const n = load<i32>(row, OUTPUT);
  const stride = load<i32>(row, STRIDE);
  const step = load<i32>(row, STEP);
  const rowSize = load<i32>(row, SIZE);
  y += <usize>begin * n * size;
  for (let unit = begin; unit < end; unit++, y += <usize>n * size) {
    // Where the window of this row lies, and which tap is next, axis by axis.
    let rest = unit;
    for (let a = inner, s = state + (inner << 3), p = row; a >= 0; a--, s -= 8, p -= FIELDS) {
      let at = 0;
      if (a < inner) {
        const count = load<i32>(p, OUTPUT);
        at = (rest % count) * load<i32>(p, STRIDE);
        rest /= count;
      }
      store<i32>(s, at - load<i32>(p, LOW));
      store<i32>(s, 0, 4);
    }
    for (let i = 0; i < n; i++) memory.copy(y + <usize>i * size, init, size);
    let a = 0;
    while (a >= 0) {
      let from = x;
      let inside = true;
      for (let s = state, p = axes; p < row; s += 8, p += FIELDS) {
        const at = load<i32>(s) + load<i32>(s, 4) * load<i32>(p, DILATION);
        const base = load<i32>(p, BASE);
        const element = at / base;
        if (at < 0 || at >= load<i32>(p, SIZE) || element * base != at) {
          inside = false;
          break;
        }
        from += <usize>element * load<i32>(p, STEP);
      }
      const at = load<i32>(state + (inner << 3)) + load<i32>(state + (inner << 3), 4) * load<i32>(row, DILATION);
      const first = inside ? min(n, at < 0 ? (stride - 1 - at) / stride : 0) : n;
      const last = inside && at < rowSize ? max(first, min(n, (rowSize - 1 - at) / stride + 1)) : first;
      foldRow(type, op, y, init, 0, first);
      foldRow(type, op, y + <usize>first * size, from + (at + first * stride) * step, stride * step, last - first);
      foldRow(type, op, y + <usize>last * size, init, 0, n - last);
      for (a = inner; a >= 0; a--) {
        const s = state + (a << 3);
        const next = load<i32>(s, 4) + 1;
        const more = next < load<i32>(axes + <usize>a * FIELDS, WINDOW);
        store<i32>(s, more ? next : 0, 4);
        if (more) break;
      }
    }
  }
}
