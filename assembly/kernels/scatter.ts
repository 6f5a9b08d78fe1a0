// Windows of a tensor at places that an index tensor gives, and a dense tensor that holds one window after the other.
// STABLEHLO_GATHER reads windows; scatters, reductions of segments and DYNAMIC_UPDATE_SLICE write or combine them.
// A block (i32, made by bindings/ops/shared/windows.ts) tells both layouts:
//   { rank, pointRank, indexSize, step, bounds, cell, size }, then `pointRank` axes of points (lib/axes.ts: strides in indices
//   and in dense), then for each dimension of the tensor { n, window, stride in tensor, stride in dense, component, divisor, modulus }.
// `component` is the dimension's place in an index vector, whose components are `step` bytes apart; -1 starts at 0. A window
// of point p begins (p / divisor) % modulus later.
// A cell is `cell` elements of `size` bytes that lie side by side in both. Strides are bytes.
import { AXIS, X, Y, gridOffset } from '../lib/axes';
import { copyRun } from '../lib/copy';
import { floatToHalf, halfToFloat } from '../lib/half';
import { Bounds, CastType, ScatterOp } from '../lib/opcodes';

const HEADER: usize = 28;
const DIMENSION: usize = 28;
const STRIDE: usize = 8;
const DENSE: usize = 12;
const COMPONENT: usize = 16;
const DIVISOR: usize = 20;
const MODULUS: usize = 24;

// @ts-ignore: decorator
@inline
function combined<T>(op: i32, a: T, b: T): T {
  switch (op) {
    case ScatterOp.ADD: return <T>(a + b);
    case ScatterOp.MULTIPLY: return <T>(a * b);
    case ScatterOp.MAXIMUM: return a < b ? b : a;
    default: return b < a ? b : a;
  }
}

// @ts-ignore: decorator
@inline
function combineRow<T>(op: i32, t: usize, d: usize, n: i32): void {
  for (const end = t + (<usize>n << alignof<T>()); t < end; t += sizeof<T>(), d += sizeof<T>()) {
    store<T>(t, combined<T>(op, load<T>(t), load<T>(d)));
  }
}

function combineHalves(op: i32, t: usize, d: usize, n: i32): void {
  for (const end = t + (<usize>n << 1); t < end; t += 2, d += 2) {
    const r = combined<f32>(op, halfToFloat(load<u16>(t)), halfToFloat(load<u16>(d)));
    store<u16>(t, <u16>floatToHalf(r));
  }
}

/** t = t ∘ d for n elements; `type` is a CastType. */
function combine(op: i32, type: i32, t: usize, d: usize, n: i32): void {
  switch (type) {
    case CastType.FLOAT32: combineRow<f32>(op, t, d, n); break;
    case CastType.INT32: combineRow<i32>(op, t, d, n); break;
    case CastType.INT64: combineRow<i64>(op, t, d, n); break;
    case CastType.INT8: combineRow<i8>(op, t, d, n); break;
    case CastType.UINT8: combineRow<u8>(op, t, d, n); break;
    case CastType.INT16: combineRow<i16>(op, t, d, n); break;
    case CastType.UINT16: combineRow<u16>(op, t, d, n); break;
    case CastType.UINT32: combineRow<u32>(op, t, d, n); break;
    case CastType.UINT64: combineRow<u64>(op, t, d, n); break;
    case CastType.FLOAT64: combineRow<f64>(op, t, d, n); break;
    case CastType.FLOAT16: combineHalves(op, t, d, n); break;
  }
}

function cells(op: i32, type: i32, t: usize, d: usize, n: i32, size: i32): void {
  if (op == ScatterOp.READ) copyRun(t, d, n * size);
  else if (op == ScatterOp.WRITE) copyRun(d, t, n * size);
  else combine(op, type, t, d, n);
}

/** Points first..last - 1; `counts` has room for `rank` numbers. */
function windows(
  op: i32,
  type: i32,
  tensor: usize,
  indices: usize,
  dense: usize,
  block: usize,
  counts: usize,
  first: i32,
  last: i32,
): i32 {
  const rank = load<i32>(block);
  const pointRank = load<i32>(block, 4);
  const indexSize = load<i32>(block, 8);
  const step = <usize>load<i32>(block, 12);
  const bounds = load<i32>(block, 16);
  const cell = load<i32>(block, 20);
  const size = load<i32>(block, 24);
  const axes = block + HEADER;
  const dimensions = axes + <usize>pointRank * AXIS;
  const inner = dimensions + <usize>(rank - 1) * DIMENSION;
  const tStep = <isize>load<i32>(inner, STRIDE);
  const dStep = <isize>load<i32>(inner, DENSE);
  const adjacent = tStep == <isize>(cell * size) && dStep == tStep;
  for (let p = first; p < last; p++) {
    const at = indices + gridOffset(axes, pointRank, p, X);
    let d = dense + gridOffset(axes, pointRank, p, Y);
    let t = tensor;
    let rows = 1;
    for (let i = 0; i < rank; i++) {
      const dimension = dimensions + <usize>i * DIMENSION;
      const n = <i64>load<i32>(dimension);
      const window = <i64>load<i32>(dimension, 4);
      const component = load<i32>(dimension, COMPONENT);
      let start: i64 = 0;
      if (component >= 0) {
        const q = at + <usize>component * step;
        start = indexSize == 4 ? <i64>load<i32>(q) : indexSize == 8 ? load<i64>(q) : <i64>load<i16>(q);
      }
      // The part of the window that is inside.
      let from: i64 = 0;
      let to = window;
      if (bounds == Bounds.CLAMP) {
        start = max<i64>(0, min(start, n - window));
      } else if (bounds == Bounds.IGNORE) {
        const later = <i64>((p / load<i32>(dimension, DIVISOR)) % load<i32>(dimension, MODULUS));
        // Nothing must overflow.
        start = max(-window - later, min(start, n)) + later;
        from = max<i64>(0, -start);
        to = min(window, n - start);
      } else if (bounds == Bounds.SKIP_NEGATIVE && start < 0) {
        to = 0;
      } else if (<u64>start > <u64>(n - window) || n < window) {
        return 1;
      }
      const count = <i32>max<i64>(0, to - from);
      store<i32>(counts + (<usize>i << 2), count);
      t += <isize>(start + from) * <isize>load<i32>(dimension, STRIDE);
      d += <isize>from * <isize>load<i32>(dimension, DENSE);
      if (i < rank - 1 || count == 0) rows *= count;
    }
    const columns = load<i32>(counts + (<usize>(rank - 1) << 2));
    for (let r = 0; r < rows; r++) {
      let rest = r;
      let tr = t;
      let dr = d;
      for (let i = rank - 2; i >= 0; i--) {
        const dimension = dimensions + <usize>i * DIMENSION;
        const n = load<i32>(counts + (<usize>i << 2));
        const q = rest / n;
        const k = <isize>(rest - q * n);
        tr += k * <isize>load<i32>(dimension, STRIDE);
        dr += k * <isize>load<i32>(dimension, DENSE);
        rest = q;
      }
      if (adjacent) {
        cells(op, type, tr, dr, columns * cell, size);
      } else {
        for (let c = 0; c < columns; c++, tr += tStep, dr += dStep) cells(op, type, tr, dr, cell, size);
      }
    }
  }
  return 0;
}

/** Reads windows; units are points. */
export function xx_gather_windows(
  tensor: usize,
  indices: usize,
  dense: usize,
  block: usize,
  counts: usize,
  begin: i32,
  end: i32,
): i32 {
  return windows(ScatterOp.READ, 0, tensor, indices, dense, block, counts, begin, end);
}

/** Writes or combines the windows of all points, which may overlap, in their order: a single unit. */
export function xx_scatter_windows(
  op: i32,
  type: i32,
  tensor: usize,
  indices: usize,
  dense: usize,
  block: usize,
  counts: usize,
  points: i32,
  begin: i32,
  end: i32,
): i32 {
  return begin < end ? windows(op, type, tensor, indices, dense, block, counts, 0, points) : 0;
}
