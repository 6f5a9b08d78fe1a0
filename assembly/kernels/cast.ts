// y[i] = x[i] in another element type. Units are elements. Source and destination meet in the middle: blocks of 64 elements go
// to int64 or float64 in `scratch` (512 bytes) and from there on, so that n types need 3n loops instead of n^2.
// As TFLite: integers wrap; floats truncate and saturate (so does asc's conversion), NaN gives the largest integer; bool is x != 0; of a complex number the
// real part counts.
import { floatToHalf, halfToFloat } from '../lib/half';
import { CastType } from '../lib/opcodes';

const BLOCK: i32 = 64;

// @ts-ignore: decorator
@inline
function widen<T, W>(x: usize, w: usize, n: i32): void {
  for (let i: usize = 0; i < <usize>n; i++) store<W>(w + (i << 3), <W>load<T>(x + (i << alignof<T>())));
}

// @ts-ignore: decorator
@inline
function wrap<T>(w: usize, y: usize, n: i32): void {
  for (let i: usize = 0; i < <usize>n; i++) store<T>(y + (i << alignof<T>()), <T>load<i64>(w + (i << 3)));
}

// @ts-ignore: decorator
@inline
function saturate<T>(w: usize, y: usize, n: i32): void {
  const hi: i64 = (<i64>1 << ((sizeof<T>() << 3) - (isSigned<T>() ? 1 : 0))) - 1;
  const lo: i64 = isSigned<T>() ? ~hi : 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const d = load<f64>(w + (i << 3));
    const q = d != d ? i64.MAX_VALUE : <i64>d;
    store<T>(y + (i << alignof<T>()), <T>min(max(q, lo), hi));
  }
}

/** The float32 nearest to element i of W. */
// @ts-ignore: decorator
@inline
function single<W>(w: usize, i: usize): f32 {
  return <f32>load<W>(w + (i << 3));
}

function toFloating<W>(to: i32, w: usize, y: usize, n: i32): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    switch (to) {
      case CastType.FLOAT32: store<f32>(y + (i << 2), single<W>(w, i)); break;
      case CastType.FLOAT64: store<f64>(y + (i << 3), <f64>load<W>(w + (i << 3))); break;
      case CastType.FLOAT16: store<u16>(y + (i << 1), <u16>floatToHalf(single<W>(w, i))); break;
      case CastType.BOOL: store<u8>(y + i, u8(load<W>(w + (i << 3)) != 0)); break;
      case CastType.COMPLEX64: store<u64>(y + (i << 3), <u64>reinterpret<u32>(single<W>(w, i))); break;
      case CastType.BFLOAT16: {
        const f = single<W>(w, i);
        const b = reinterpret<u32>(f);
        store<u16>(y + (i << 1), f != f ? 0x7fc0 : <u16>((b + 0x7fff + ((b >> 16) & 1)) >> 16));
        break;
      }
    }
  }
}

/** Reads n elements into w as int64; false where the type is not an integer. */
function fromInteger(from: i32, x: usize, w: usize, n: i32): bool {
  switch (from) {
    case CastType.INT32: widen<i32, i64>(x, w, n); return true;
    case CastType.BOOL:
    case CastType.UINT8: widen<u8, i64>(x, w, n); return true;
    case CastType.INT64: widen<i64, i64>(x, w, n); return true;
    case CastType.INT16: widen<i16, i64>(x, w, n); return true;
    case CastType.INT8: widen<i8, i64>(x, w, n); return true;
    case CastType.UINT32: widen<u32, i64>(x, w, n); return true;
    case CastType.UINT16: widen<u16, i64>(x, w, n); return true;
  }
  return false;
}

function fromFloating(from: i32, x: usize, w: usize, n: i32): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    let d: f64;
    switch (from) {
      case CastType.FLOAT32: d = load<f32>(x + (i << 2)); break;
      case CastType.FLOAT16: d = halfToFloat(load<u16>(x + (i << 1))); break;
      case CastType.COMPLEX64: d = load<f32>(x + (i << 3)); break;
      case CastType.BFLOAT16: d = reinterpret<f32>(<u32>load<u16>(x + (i << 1)) << 16); break;
      default: d = load<f64>(x + (i << 3));
    }
    store<f64>(w + (i << 3), d);
  }
}

function toInteger(to: i32, w: usize, y: usize, n: i32, integer: bool): bool {
  if (integer) {
    switch (to) {
      case CastType.UINT32:
      case CastType.INT32: wrap<i32>(w, y, n); return true;
      case CastType.UINT8:
      case CastType.INT8: wrap<i8>(w, y, n); return true;
      case CastType.INT64: wrap<i64>(w, y, n); return true;
      case CastType.UINT16:
      case CastType.INT16: wrap<i16>(w, y, n); return true;
    }
  } else {
    switch (to) {
      case CastType.INT32: saturate<i32>(w, y, n); return true;
      case CastType.UINT8: saturate<u8>(w, y, n); return true;
      case CastType.INT64: saturate<i64>(w, y, n); return true;
      case CastType.INT16: saturate<i16>(w, y, n); return true;
      case CastType.INT8: saturate<i8>(w, y, n); return true;
      case CastType.UINT32: saturate<u32>(w, y, n); return true;
      case CastType.UINT16: saturate<u16>(w, y, n); return true;
    }
  }
  return false;
}

function bytes(type: i32): i32 {
  switch (type) {
    case CastType.UINT8:
    case CastType.INT8:
    case CastType.BOOL: return 1;
    case CastType.FLOAT16:
    case CastType.BFLOAT16:
    case CastType.INT16:
    case CastType.UINT16: return 2;
    case CastType.INT64:
    case CastType.COMPLEX64:
    case CastType.FLOAT64: return 8;
  }
  return 4;
}

/** `from` and `to` are CastTypes. */
export function x_cast(from: i32, to: i32, x: usize, y: usize, scratch: usize, begin: i32, end: i32): void {
  const sizeX = bytes(from);
  const sizeY = bytes(to);
  for (let i = begin; i < end; i += BLOCK) {
    const n = min(end - i, BLOCK);
    const p = x + <usize>(i * sizeX);
    const q = y + <usize>(i * sizeY);
    const integer = fromInteger(from, p, scratch, n);
    if (!integer) fromFloating(from, p, scratch, n);
    if (toInteger(to, scratch, q, n, integer)) continue;
    if (integer) toFloating<i64>(to, scratch, q, n);
    else toFloating<f64>(to, scratch, q, n);
  }
}
