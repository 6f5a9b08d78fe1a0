// TensorFlow Lite Micro's audio front end in integers: from samples to features of speech. Each kernel does what that library's
// function of the same name does, bit by bit.
// Source: github.com/tensorflow/tflite-micro, signal/src; the transform is KISS FFT's with 16-bit fixed point.

// @ts-ignore: decorator
@inline
function saturate16(x: i32): i32 { return min(max(x, -32768), 32767); }

/** Position of the highest bit, from 1; 32 for 0, as the compilers' builtin has it there. */
// @ts-ignore: decorator
@inline
function bits32(x: u32): i32 { return x ? 32 - <i32>clz(x) : 32; }

/** y = x * window >> shift on frames of `n` samples. Units are samples. */
export function s16_window(x: usize, window: usize, y: usize, n: i32, shift: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const product = <i32>load<i16>(x + (<usize>i << 1)) * <i32>load<i16>(window + ((i % n) << 1));
    store<i16>(y + (<usize>i << 1), <i16>saturate16(product >> shift));
  }
}

/** y = x times the largest power of two that fits, and its exponent. One unit. */
export function s16_fft_auto_scale(x: usize, y: usize, exponent: usize, n: i32, begin: i32, end: i32): void {
  if (begin >= end) return;
  let most = 0;
  for (let i = 0; i < n; i++) {
    const v = <i32>load<i16>(x + (i << 1));
    if (v > most) most = v;
    // In 16 bits, -32768 is its own negative.
    else if (-v > most) most = <i32>(<i16>-v);
  }
  const scale = max(0, 15 - bits32(most));
  for (let i = 0; i < n; i++) store<i16>(y + (i << 1), <i16>(<i32>load<i16>(x + (i << 1)) << scale));
  store<i32>(exponent, scale);
}

// @ts-ignore: decorator
@inline
function re(p: usize): i32 { return <i32>load<i16>(p); }
// @ts-ignore: decorator
@inline
function im(p: usize): i32 { return <i32>load<i16>(p, 2); }
// @ts-ignore: decorator
@inline
function put(p: usize, r: i32, i: i32): void {
  store<i16>(p, <i16>r);
  store<i16>(p, <i16>i, 2);
}
// @ts-ignore: decorator
@inline
function rounded(x: i32): i32 { return <i32>(<i16>((x + (1 << 14)) >> 15)); }
/** Divides by 2 or 4, in the transform's own way. */
// @ts-ignore: decorator
@inline
function part(p: usize, factor: i32): void { put(p, rounded(re(p) * factor), rounded(im(p) * factor)); }
// @ts-ignore: decorator
@inline
function timesRe(a: usize, w: usize): i32 { return rounded(re(a) * re(w) - im(a) * im(w)); }
// @ts-ignore: decorator
@inline
function timesIm(a: usize, w: usize): i32 { return rounded(re(a) * im(w) + im(a) * re(w)); }

/** n complex numbers at every `stride`-th of x, to y; radix 4 as long as that divides, then 2. */
function transform16(x: usize, y: usize, n: i32, stride: i32, twiddles: usize): void {
  const p = n & 3 ? 2 : 4;
  const m = n / p;
  for (let i = 0; i < p; i++) {
    const from = x + (<usize>(i * stride) << 2);
    const to = y + (<usize>(i * m) << 2);
    if (m == 1) store<u32>(to, load<u32>(from));
    else transform16(from, to, m, stride * p, twiddles);
  }
  for (let k = 0; k < m; k++) {
    const a = y + (<usize>k << 2);
    const b = a + (<usize>m << 2);
    const w = twiddles + (<usize>(k * stride) << 2);
    if (p == 2) {
      part(a, 16383);
      part(b, 16383);
      const tr = timesRe(b, w);
      const ti = timesIm(b, w);
      put(b, re(a) - tr, im(a) - ti);
      put(a, re(a) + tr, im(a) + ti);
      continue;
    }
    const c = b + (<usize>m << 2);
    const d = c + (<usize>m << 2);
    part(a, 8191);
    part(b, 8191);
    part(c, 8191);
    part(d, 8191);
    const w2 = twiddles + (<usize>(2 * k * stride) << 2);
    const w3 = twiddles + (<usize>(3 * k * stride) << 2);
    const br = timesRe(b, w);
    const bi = timesIm(b, w);
    const cr = timesRe(c, w2);
    const ci = timesIm(c, w2);
    const dr = timesRe(d, w3);
    const di = timesIm(d, w3);
    const differenceRe = <i32>(<i16>(re(a) - cr));
    const differenceIm = <i32>(<i16>(im(a) - ci));
    const sumRe = <i32>(<i16>(re(a) + cr));
    const sumIm = <i32>(<i16>(im(a) + ci));
    const crossRe = <i32>(<i16>(br + dr));
    const crossIm = <i32>(<i16>(bi + di));
    const turnRe = <i32>(<i16>(br - dr));
    const turnIm = <i32>(<i16>(bi - di));
    put(a, sumRe + crossRe, sumIm + crossIm);
    put(c, sumRe - crossRe, sumIm - crossIm);
    put(b, differenceRe + turnIm, differenceIm - turnRe);
    put(d, differenceRe - turnIm, differenceIm + turnRe);
  }
}

/**
 * Transform of `n` reals, of which x has `length` and the rest is 0: n / 2 + 1 complex numbers. Twiddles: n / 2, then the
 * n / 4 that take real sequences apart. Scratch: 4 n bytes. Units are frames.
 */
export function s16_rfft(
  x: usize, y: usize, twiddles: usize, scratch: usize, length: i32, n: i32, begin: i32, end: i32,
): void {
  const half = n >> 1;
  const z = scratch + (<usize>n << 1);
  const apart = twiddles + (<usize>half << 2);
  for (let frame = begin; frame < end; frame++) {
    memory.copy(scratch, x + (<usize>frame * length << 1), length << 1);
    memory.fill(scratch + (<usize>length << 1), 0, (n - length) << 1);
    transform16(scratch, z, half, 1, twiddles);
    const out = y + (<usize>frame * (half + 1) << 2);
    part(z, 16383);
    put(out, re(z) + im(z), 0);
    put(out + (<usize>half << 2), re(z) - im(z), 0);
    for (let k = 1; k <= half >> 1; k++) {
      const a = z + (<usize>k << 2);
      const b = z + (<usize>(half - k) << 2);
      const ar = rounded(re(a) * 16383);
      const ai = rounded(im(a) * 16383);
      const br = rounded(re(b) * 16383);
      const bi = rounded(<i32>(<i16>-im(b)) * 16383);
      const sumRe = <i32>(<i16>(ar + br));
      const sumIm = <i32>(<i16>(ai + bi));
      const differenceRe = <i32>(<i16>(ar - br));
      const differenceIm = <i32>(<i16>(ai - bi));
      const w = apart + (<usize>(k - 1) << 2);
      const tr = rounded(differenceRe * re(w) - differenceIm * im(w));
      const ti = rounded(differenceRe * im(w) + differenceIm * re(w));
      put(out + (<usize>k << 2), (sumRe + tr) >> 1, (sumIm + ti) >> 1);
      put(out + (<usize>(half - k) << 2), (sumRe - tr) >> 1, (ti - sumIm) >> 1);
    }
  }
}

/** y = |x|^2 of complex int16 as uint32 from number `first` to before `last`, 0 elsewhere. Units are numbers. */
export function s16_energy(x: usize, y: usize, first: i32, last: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const p = x + (<usize>i << 2);
    store<i32>(y + (<usize>i << 2), i >= first && i < last ? re(p) * re(p) + im(p) * im(p) : 0);
  }
}

/**
 * Energies gathered into overlapping channels: what a channel leaves of a frequency is the next one's. The first is but the
 * beginning of the second, so that y has one fewer. All int16 but x (uint32) and y (uint64). One unit.
 * Status 1: a channel names frequencies or weights that are not there.
 */
export function u32_filter_bank(
  x: usize, weights: usize, unweights: usize, starts: usize, weightStarts: usize, widths: usize, y: usize,
  frequencies: i32, weightCount: i32, channels: i32, begin: i32, end: i32,
): i32 {
  if (begin >= end) return 0;
  let sum: u64 = 0;
  for (let c = 0; c <= channels; c++) {
    const first = <i32>load<i16>(starts + (c << 1));
    const w = <i32>load<i16>(weightStarts + (c << 1));
    const width = <i32>load<i16>(widths + (c << 1));
    if (width > 0 && (first < 0 || first + width > frequencies || w < 0 || w + width > weightCount)) return 1;
    let rest: u64 = 0;
    for (let i = 0; i < width; i++) {
      const e = <u64>load<u32>(x + ((first + i) << 2));
      sum += <u64>(<i64>load<i16>(weights + ((w + i) << 1))) * e;
      rest += <u64>(<i64>load<i16>(unweights + ((w + i) << 1))) * e;
    }
    if (c > 0) store<u64>(y + ((c - 1) << 3), sum);
    sum = rest;
  }
  return 0;
}

/** Square root, rounded, digit by digit; up to `top`. */
// @ts-ignore: decorator
@inline
function squareRoot<T>(x: T, top: T): T {
  if (x == 0) return 0;
  let rest = x;
  let root: T = 0;
  for (let bit = <T>1 << (<T>(sizeof<T>() * 8 - 1 - (<i32>clz<T>(x) | 1))); bit != 0; bit >>= 2) {
    if (rest >= root + bit) {
      rest -= root + bit;
      root = (root >> 1) + bit;
    } else root >>= 1;
  }
  return rest > root && root != top ? root + 1 : root;
}

/** y = sqrt(x) >> load(shift), x uint64 and y uint32. Below 2^32 roots have 16 bits. */
export function u64_square_root(x: usize, shift: usize, y: usize, begin: i32, end: i32): void {
  const down = load<i32>(shift);
  for (let i = begin; i < end; i++) {
    const v = load<u64>(x + (<usize>i << 3));
    const root = v >> 32 ? <u32>squareRoot<u64>(v, 0xffffffff) : squareRoot<u32>(<u32>v, 0xffff);
    store<u32>(y + (<usize>i << 2), root >> down);
  }
}

/**
 * Takes slowly changing noise away; `noise` is the estimate, carried on. Params (i32): { smoothing, 1 - smoothing, the same
 * of odd channels, bits of the signal, least that remains, whether to clamp the estimate, bits of the factors }.
 */
export function u32_spectral_subtraction(x: usize, y: usize, noise: usize, params: usize, begin: i32, end: i32): void {
  const signalBits = load<i32>(params, 16);
  const least = load<u32>(params, 20);
  const clamping = load<i32>(params, 24);
  const bits = <u64>load<i32>(params, 28);
  for (let i = begin; i < end; i++) {
    const p = noise + (<usize>i << 2);
    const v = load<u32>(x + (<usize>i << 2));
    const scaled = v << signalBits;
    const smoothing = load<u32>(params + ((i & 1) << 3));
    const rest = load<u32>(params + ((i & 1) << 3), 4);
    let estimate = <u32>((<u64>scaled * smoothing + <u64>load<u32>(p) * rest) >> bits);
    store<u32>(p, estimate);
    if (estimate > scaled) {
      estimate = scaled;
      if (clamping) store<u32>(p, estimate);
    }
    const floor = <u32>((<u64>v * least) >> bits);
    store<u32>(y + (<usize>i << 2), max((scaled - estimate) >> signalBits, floor));
  }
}

/** A function of a wide range, by parabolas between powers of two. */
function wide(x: u32, table: usize): i32 {
  if (x <= 2) return <i32>load<i16>(table + (x << 1));
  const interval = bits32(x);
  const p = table + ((4 * interval - 6) << 1);
  const fraction = <i32>((interval < 11 ? x << (11 - interval) : x >> (interval - 11)) & 0x3ff);
  let result = (<i32>load<i16>(p, 4) * fraction) >> 5;
  result += <i32>load<i16>(p, 2) << 5;
  result *= fraction;
  result = (result + (1 << 14)) >> 15;
  return <i32>(<i16>(result + <i32>load<i16>(p)));
}

/** Gain control by channel: y = shrink(x * gain(noise) >> shift), with 12 bits before and 6 after. */
export function u32_pcan(x: usize, noise: usize, table: usize, y: usize, shift: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const gain = <u32>wide(load<u32>(noise + (<usize>i << 2)), table);
    const snr = <u32>((<u64>load<u32>(x + (<usize>i << 2)) * gain) >> shift);
    // x^2 / 4 below 2, x - 1 from there.
    store<u32>(y + (<usize>i << 2), snr < 2 << 12 ? (snr * snr) >> 20 : (snr >> 6) - 64);
  }
}

/** y = scale * ln(x << shift), 0 for 0 and 1, as int16. `table` has 129 corrections of log2 between powers of two. */
export function u32_log(x: usize, y: usize, table: usize, scale: i32, shift: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const v = load<u32>(x + (<usize>i << 2)) << shift;
    let result: u32 = 0;
    if (v > 1) {
      const integer = bits32(v) - 1;
      let fraction = v - (<u32>1 << integer);
      if (integer < 16) fraction <<= 16 - integer;
      else fraction >>= integer - 16;
      const segment = fraction >> 9;
      const low = <i32>load<u16>(table + (segment << 1));
      const high = <i32>load<u16>(table + (segment << 1), 2);
      const between = ((high - low) * <i32>(fraction & 511)) >> 16;
      const log2 = (<u32>integer << 16) + fraction + low + between;
      const log = <u32>((<u64>45426 * log2 + 32768) >> 16);
      result = (<u32>scale * log + 32768) >> 16;
    }
    store<i16>(y + (<usize>i << 1), <i16>min(result, <u32>32767));
  }
}
