import { checkShape, count, input, output, unsupported } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { twiddles } from '../rfft2d.js';
import { checkTypes, option } from './shared.js';

/** For the complex transform of half the length, then those that take real sequences apart: 15 fractional bits. */
function fixedTwiddles(n: number): Int16Array {
  const table = twiddles(n);
  const fixed = (x: number) => Math.floor(0.5 + 32767 * x);
  const all: number[] = [];
  // Angles beyond half a turn are those of the other half, negated.
  const at = (k: number) =>
    k < n / 2 ? [table[2 * k]!, table[2 * k + 1]!] : [-table[2 * k - n]!, -table[2 * k + 1 - n]!];
  for (let k = 0; k < n / 2; k++) all.push(...at(2 * k).map(fixed));
  for (let k = 1; k <= n / 4; k++) all.push(fixed(table[2 * k + 1]!), fixed(-table[2 * k]!));
  return Int16Array.from(all);
}

/** Fourier transform of real frames in 16 bits, complex numbers as pairs. */
export const signalRfft: Operator = {
  name: 'SignalRfft',

  infer(node) {
    const { dtype, shape } = input(node, 0);
    if (dtype !== 'int16') throw unsupported(node, `input of type ${dtype}`);
    checkTypes(node, ['int16'], ['int16']);
    const n = option(node, 'fft_length');
    if (!(n >= 4 && Number.isInteger(Math.log2(n)))) throw unsupported(node, `length ${n}`);
    const length = shape.at(-1) ?? 0;
    checkShape(node, shape.length > 0 && length <= n, () => `[${shape}] for a length of ${n}`);
    return [[...shape.slice(0, -1), n + 2]];
  },
  lower(node, plan) {
    const [x, y] = [input(node, 0), output(node)];
    const n = option(node, 'fft_length');
    const length = x.shape.at(-1)!;
    const address = plan.constant(fixedTwiddles(n));
    plan.call('s16_rfft', [x, y, address, plan.scratch(4 * n), length, n], count(y) / (n + 2));
  },
};
