// TFLite's LOGISTIC and TANH of int16 values (output scale 1/32768).
import { roundAway } from '../../bindings/quantization.js';

/** sigmoid(i / 24) with 16 fractional bits, TFLite's table. */
// biome-ignore format: sixteen a row
const SIGMOID = [
  32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149, 40794, 41432, 42064, 42688,
  43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369, 47911, 48443, 48964, 49475, 49975, 50464, 50942, 51409,
  51865, 52311, 52745, 53169, 53581, 53983, 54374, 54755, 55125, 55485, 55834, 56174, 56503, 56823, 57133, 57433,
  57724, 58007, 58280, 58544, 58800, 59048, 59288, 59519, 59743, 59959, 60168, 60370, 60565, 60753, 60935, 61110,
  61279, 61441, 61599, 61750, 61896, 62036, 62172, 62302, 62428, 62549, 62666, 62778, 62886, 62990, 63090, 63186,
  63279, 63368, 63454, 63536, 63615, 63691, 63765, 63835, 63903, 63968, 64030, 64090, 64148, 64204, 64257, 64308,
  64357, 64405, 64450, 64494, 64536, 64576, 64614, 64652, 64687, 64721, 64754, 64786, 64816, 64845, 64873, 64900,
  64926, 64950, 64974, 64997, 65019, 65039, 65060, 65079, 65097, 65115, 65132, 65149, 65164, 65179, 65194, 65208,
  65221, 65234, 65246, 65258, 65269, 65280, 65291, 65301, 65310, 65319, 65328, 65337, 65345, 65352, 65360, 65367,
  65374, 65381, 65387, 65393, 65399, 65404, 65410, 65415, 65420, 65425, 65429, 65433, 65438, 65442, 65445, 65449,
  65453, 65456, 65459, 65462, 65465, 65468, 65471, 65474, 65476, 65479, 65481, 65483, 65485, 65488, 65489, 65491,
  65493, 65495, 65497, 65498, 65500, 65501, 65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513,
  65514, 65515, 65516, 65517, 65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524,
  65525, 65525, 65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529, 65529, 65529, 65530, 65530,
  65530, 65530, 65531, 65531, 65531, 65531, 65531, 65532, 65532, 65532, 65532, 65532, 65532, 65533, 65533, 65533,
  65533, 65533, 65533, 65533, 65533, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65535,
];

const saturate = (x: number) => Math.min(Math.max(x, -32768), 32767);
/** a * b with 15 fractional bits, halves up. */
const multiply = (a: number, b: number) => saturate(Math.floor((a * b + 2 ** 14) / 2 ** 15));

/** The table's value at |x| / (3 * 4096 * 8 / scale), interpolated: `bits` are those below an entry. */
function interpolated(q: number, scale: number, bits: number): { x: number; value: number } {
  let multiplier = scale * 4096 * 3;
  let shift = 0;
  for (; multiplier <= 32767 / 2 && shift <= 30; shift++) multiplier *= 2;
  const x = Math.floor((q * Math.trunc(multiplier) + (shift ? 2 ** (shift - 1) : 0)) / 2 ** shift);
  const index = Math.floor(Math.abs(x) / 2 ** bits);
  const rest = Math.abs(x) % 2 ** bits;
  if (index >= 255) return { x, value: Number.POSITIVE_INFINITY };
  return { x, value: SIGMOID[index]! * 2 ** bits + rest * (SIGMOID[index + 1]! - SIGMOID[index]!) };
}

// gemmlowp's functions, which power-of-two input scales take. Raw int16 values; `bits` are fractional bits.

/** e^x for x <= 0: a series around -1/8 within the last quarter, times a factor for each bit above. */
function exp(x: number, bits: number): number {
  if (x === 0) return 32767;
  const quarter = 2 ** (bits - 2);
  const within = (((x % quarter) + quarter) % quarter) - quarter;
  const d = within * 2 ** (15 - bits) + 2 ** 12;
  const [square, cube] = [multiply(d, d), multiply(multiply(d, d), d)];
  const fourth = multiply(square, square);
  const series = roundAway((multiply(roundAway(fourth / 4) + cube, 10923) + square) / 2);
  let y = saturate(28918 + multiply(28918, d + series));
  let above = (within - x) / quarter;
  // e^-16 is 0, and so is all that lies below -32.
  if (x < -32 * 2 ** bits) return 0;
  for (const factor of [25520, 19875, 12055, 4435, 600, 11, 0]) {
    if (above % 2) y = multiply(y, factor);
    above = Math.floor(above / 2);
  }
  return y;
}

/** 2 / (1 + x), two integer bits, for x in [0, 1]. */
function reciprocal(x: number): number {
  const half = Math.floor((x + 2 ** 15) / 2);
  let y = 23130 + multiply(half, -15420);
  for (let i = 0; i < 3; i++) y += saturate(4 * multiply(y, 2 ** 13 - multiply(half, y)));
  return y;
}

/** gemmlowp's logistic of x with 12 fractional bits. */
export function fixedLogistic(x: number): number {
  const y = saturate(2 * reciprocal(exp(-Math.abs(x), 12)));
  return x === 0 ? 2 ** 14 : x > 0 ? y : 32767 - y;
}

/** gemmlowp's tanh; `bits` are the fractional bits of 2x. */
export function fixedTanh(x: number, bits: number): number {
  const y = saturate(4 * (reciprocal(exp(-Math.abs(x), bits)) - 2 ** 13));
  return x === 0 ? 0 : x > 0 ? y : -y;
}

export function logistic16(q: number, scale: number): number {
  if (scale === 2 ** -12) return fixedLogistic(q);
  const { x, value } = interpolated(q, scale, 9);
  const y = Math.min(value, 0x7fff * 2 ** 10);
  return Math.floor((x >= 0 ? y + 2 ** 9 : 2 ** 25 - y + 2 ** 9 - 1) / 2 ** 10);
}

export function tanh16(q: number, scale: number): number {
  if (scale === 2 ** -12 || scale === 2 ** -11) return fixedTanh(saturate(q * scale * 2 ** 12), 11);
  const { x, value } = interpolated(q, scale, 8);
  const y = Math.min(value, 0xffff * 2 ** 8);
  return Math.floor((x >= 0 ? y - 2 ** 23 + 2 ** 7 : -y + 2 ** 23 + 2 ** 7 - 1) / 2 ** 8);
}
