/** The value of an IEEE 754 half, given as its 16 bits. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (fraction + (exponent && 1024)) * 2 ** (Math.max(exponent, 1) - 25);
}

/** The bits of the nearest IEEE 754 half, ties to even. */
export function floatToHalf(value: number): number {
  const sign = value < 0 || 1 / value < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (!(magnitude < 65520)) return sign | (magnitude > 0 ? 0x7c00 : 0x7e00);
  // The spacing of halves around the magnitude: subnormals are all 2^-24 apart.
  const exponent = Math.max(-14, 17 - Math.clz32(magnitude * 2 ** 14));
  // Doubles from 2^52 on have no fraction: adding that rounds.
  const units = magnitude / 2 ** (exponent - 10) + 2 ** 52 - 2 ** 52;
  return sign | (units + ((exponent + 14) << 10));
}
