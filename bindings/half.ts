const scratch = new DataView(new ArrayBuffer(4));

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
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  // The spacing of halves around the magnitude: subnormals are all 2^-24 apart.
  const exponent = Math.max(-14, ((bits >>> 23) & 255) - 127);
  const units = magnitude / 2 ** (exponent - 10);
  let rounded = Math.floor(units);
  const rest = units - rounded;
  if (rest > 0.5 || (rest === 0.5 && rounded & 1)) rounded++;
  return sign | (rounded + ((exponent + 14) << 10));
}
