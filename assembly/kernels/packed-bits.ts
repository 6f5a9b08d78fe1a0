// Integers of 2 or 4 bits, packed into bytes from the lowest bits up, to and from one byte each.

/** Units are elements; `signed` says whether their top bit is a sign. */
export function x8_unpack_bits(x: usize, y: usize, bits: i32, signed: i32, begin: i32, end: i32): void {
  const unused = 32 - bits;
  for (let i = begin; i < end; i++) {
    const at = i * bits;
    const top = <i32>load<u8>(x + (at >> 3)) << (unused - (at & 7));
    store<u8>(y + i, <u8>(signed ? top >> unused : top >>> unused));
  }
}

/** int8 to n elements, clamped to lo..hi; what is left of the last byte is 0. Units are bytes of y. */
export function s8_pack_bits(x: usize, y: usize, bits: i32, lo: i32, hi: i32, n: i32, begin: i32, end: i32): void {
  const each = 8 / bits;
  const mask = (1 << bits) - 1;
  for (let i = begin; i < end; i++) {
    const first = i * each;
    let byte = 0;
    for (let k = 0; k < min(each, n - first); k++) {
      byte |= (min(max(<i32>load<i8>(x + first + k), lo), hi) & mask) << (k * bits);
    }
    store<u8>(y + i, <u8>byte);
  }
}
