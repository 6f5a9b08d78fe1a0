// The product that every step of a recurrent operator repeats: the state by packed weights, of one gate or several side by
// side. Each sum runs along k in order, as in lib/gemm-f32.ts, so rows done together or alone come out the same.
import { f32_dynamic_quantize } from '../kernels/dynamic-quantize-f32';
import { widen } from './gather';
import { gemmF32, packedSizeF32 } from './gemm-f32';
import { FLOAT, gemmQs8, packedBytesQs8, rowBytesQs8, SUMS } from './gemm-qs8';
import { tanh, tanhx4 } from './math';
import { Recurrent } from './opcodes';
import { clamp, clampx4 } from './simd';

/** y[m, gates * n] = a[m, k] * w in float; `w` holds the packed form of each gate, one behind the other. */
export function productF32(gates: i32, m: i32, n: i32, k: i32, a: usize, w: usize, y: usize): void {
  const yStride = <usize>(gates * n) << 2;
  const wStride = <usize>packedSizeF32(k, n) << 2;
  if (!(n & 15)) {
    // Whole panels: one matrix.
    n *= gates;
    gates = 1;
  }
  for (let g = 0; g < gates; g++) {
    gemmF32(m, n, k, a, <usize>k << 2, w, y, yStride, -Infinity, Infinity);
    w += wStride;
    y += <usize>n << 2;
  }
}

/** Bytes of scratch that productQs8 and productHybrid take. */
// @ts-ignore: decorator
@inline
function widenedBytes(m: i32, k: i32): usize {
  return <usize>(m * rowBytesQs8(k) + 47) & ~15;
}

/** y[m, gates * n] = (a[m, k] - zeroPoint) * w as int32. */
export function productQs8(gates: i32, m: i32, n: i32, k: i32, a: usize, zeroPoint: i32, w: usize, y: usize, scratch: usize): void {
  const rowBytes = <usize>rowBytesQs8(k);
  for (let i = 0; i < m; i++) widen(scratch + <usize>i * rowBytes, a + <usize>(i * k), k, 0, zeroPoint);
  const yStride = <usize>(gates * n) << 2;
  const wStride = <usize>packedBytesQs8(k, n);
  for (let g = 0; g < gates; g++) {
    gemmQs8(m, n, k, scratch, w, 0, y, yStride, 0, SUMS, 0, 0, 0);
    w += wStride;
    y += <usize>n << 2;
  }
}

/**
 * y[m, gates * n] = a[m, k] * w in float, `a` quantized to int8 first, each row by itself.
 * @param q for each gate: scales and biases as gemmQs8 takes them, padded to 16 columns; lo and hi stand before them
 * @param asymmetric as f32_dynamic_quantize has it
 * @param sparse bits of gates of which the products are scaled by what `scales` holds for each row, in place of the row's scale
 */
export function productHybrid(
  gates: i32, m: i32, n: i32, k: i32, a: usize, w: usize, q: usize, y: usize, asymmetric: i32, scratch: usize,
  sparse: i32 = 0, scales: usize = 0,
): void {
  const rowBytes = <usize>rowBytesQs8(k);
  const dynamic = scratch + widenedBytes(m, k);
  const bytes = dynamic + (<usize>m << 3);
  f32_dynamic_quantize(a, bytes, dynamic, 0, k, 1, asymmetric, 0, 0, m);
  for (let i = 0; i < m; i++) {
    widen(scratch + <usize>i * rowBytes, bytes + <usize>(i * k), k, 0, load<i32>(dynamic + (<usize>i << 3), 4));
  }
  const yStride = <usize>(gates * n) << 2;
  const wStride = <usize>packedBytesQs8(k, n);
  let p = q + 32;
  for (let g = 0; g < gates; g++) {
    gemmQs8(m, n, k, scratch, w, 0, y, yStride, p, FLOAT, q, (sparse >> g) & 1 ? scales : dynamic, 8);
    w += wStride;
    y += <usize>n << 2;
    p += <usize>((n + 15) & ~15) << 3;
  }
}

/** tanh, 1 where the sign bit is set, or a clamp. */
// @ts-ignore: decorator
@inline
export function activatex4(x: v128, flags: i32, lo: f32, hi: f32): v128 {
  if (flags & Recurrent.TANH) return tanhx4(x);
  if (flags & Recurrent.SIGN_BIT) return f32x4.convert_i32x4_u(i32x4.shr_u(x, 31));
  return clampx4(x, f32x4.splat(lo), f32x4.splat(hi));
}

/** The scalar twin of activatex4. */
// @ts-ignore: decorator
@inline
export function activate(x: f32, flags: i32, lo: f32, hi: f32): f32 {
  if (flags & Recurrent.TANH) return tanh(x);
  if (flags & Recurrent.SIGN_BIT) return <f32>(reinterpret<u32>(x) >> 31);
  return clamp(x, lo, hi);
}

/** The product of a float kernel, hybrid or not. */
// @ts-ignore: decorator
@inline
export function product(
  gates: i32, m: i32, n: i32, k: i32, a: usize, w: usize, q: usize, y: usize, flags: i32, scratch: usize,
  sparse: i32 = 0, scales: usize = 0,
): void {
  const asymmetric = flags & Recurrent.ASYMMETRIC ? (flags & Recurrent.ANY_SPARSE ? 2 : 1) : 0;
  if (flags & Recurrent.HYBRID) productHybrid(gates, m, n, k, a, w, q, y, asymmetric, scratch, sparse, scales);
  else productF32(gates, m, n, k, a, w, y);
}
