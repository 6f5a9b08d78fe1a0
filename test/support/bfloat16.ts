const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

export function bfloatToFloat(b: number): number {
  bits[0] = b << 16;
  return float[0]!;
}

/** To nearest, halves to even. */
export function floatToBfloat(x: number): number {
  float[0] = x;
  return Number.isNaN(x) ? 0x7fc0 : (bits[0]! + 0x7fff + ((bits[0]! >>> 16) & 1)) >>> 16;
}
