// Quantized unary operators as tables that the lowering fills. In place is allowed. Units are elements.

/** y[i] = table[x[i]] on bytes; a table of int8 values is indexed by the value's byte. */
export function x8_lut(x: usize, y: usize, table: usize, begin: i32, end: i32): void {
  let i = begin;
  // Four at a time through one word: a byte's load, table load and store cost more than its shifts.
  for (; i + 4 <= end; i += 4) {
    const w = load<u32>(x + i);
    const a = <u32>load<u8>(table + (w & 255)) | (<u32>load<u8>(table + ((w >> 8) & 255)) << 8);
    const b = <u32>load<u8>(table + ((w >> 16) & 255)) | (<u32>load<u8>(table + (w >> 24)) << 8);
    store<u32>(y + i, a | (b << 16));
  }
  for (; i < end; i++) store<u8>(y + i, load<u8>(table + load<u8>(x + i)));
}

/** y[i] = x[i] ^ mask on bytes: the table of a QUANTIZE between int8 and uint8 of one scale, mostly. */
export function x8_xor(x: usize, y: usize, mask: i32, begin: i32, end: i32): void {
  let i = begin;
  if (ASC_FEATURE_SIMD) {
    const m = i8x16.splat(<i8>mask);
    for (; i + 16 <= end; i += 16) v128.store(y + i, v128.xor(v128.load(x + i), m));
  }
  for (; i < end; i++) store<u8>(y + i, load<u8>(x + i) ^ <u8>mask);
}

/** y[i] = table[x[i]] on 16 bits: 65536 entries, indexed by the value's bits. */
export function x16_lut(x: usize, y: usize, table: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const o = <usize>i << 1;
    store<u16>(y + o, load<u16>(table + (<usize>load<u16>(x + o) << 1)));
  }
}
