// Contiguous copies. Units are bytes.

/** Copies bytes `begin..end` from `x` to `y`; the ranges may not overlap unless they are equal. */
export function x8_copy(x: usize, y: usize, begin: i32, end: i32): void {
  memory.copy(y + begin, x + begin, end - begin);
}
