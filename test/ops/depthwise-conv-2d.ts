import type { DType } from '../../bindings/dtype.js';
import { halvesTolerance, withHalves } from '../support/halves.js';
import { isFloat } from '../support/matrix.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec, QuantizationSpec, ReferenceNode, ReferenceResult, TensorSpec } from '../support/spec.js';
import {
  activate,
  asymmetric,
  at,
  channelScale,
  empty,
  integers,
  quantizeActivation,
  randomWindow,
  requantizeSum,
  slide,
} from '../support/window.js';

/** y[n, oy, ox, c] = bias[c] + sum of (x[n, iy, ix, c / m] - zero) * (w[ky, kx, c] - zero) over the taps inside the input. */
function reference({ inputs, outputs, options }: ReferenceNode): ReferenceResult[] {
  const [x, w, bias] = [inputs[0]!, inputs[1]!, inputs[2]];
  const [batch, height, width, channelsIn] = x.shape as [number, number, number, number];
  const [, kh, kw, channels] = w.shape as [number, number, number, number];
  const { strideH, strideW, dilationHFactor: dh = 1, dilationWFactor: dw = 1 } = options;
  const v = slide(options, 'h', height, kh, strideH, dh);
  const h = slide(options, 'w', width, kw, strideW, dw);
  const y = { ...outputs[0]!, shape: [batch, v.size, h.size, channels] };
  const hybrid = x.dtype === 'float32' && w.dtype !== 'float32';
  const weights = integers(w);
  const wZero = x.dtype === 'uint8' ? w.quantization!.zeroPoint[0]! : 0;
  const data = empty(y.dtype, batch * v.size * h.size * channels);
  for (let n = 0; n < batch; n++) {
    let image: ArrayLike<number> = (x.data as Float32Array).subarray(
      n * height * width * channelsIn,
      (n + 1) * height * width * channelsIn,
    );
    let xZero = x.dtype === 'float32' ? 0 : x.quantization!.zeroPoint[0]!;
    let xScale = 1;
    if (hybrid) {
      const { scale, zeroPoint } = asymmetric(image);
      xScale = scale;
      xZero = zeroPoint;
      image = Array.from(image, (e) => quantizeActivation(e, scale, zeroPoint));
    }
    for (let oy = 0; oy < v.size; oy++) {
      for (let ox = 0; ox < h.size; ox++) {
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let ky = 0; ky < kh; ky++) {
            for (let kx = 0; kx < kw; kx++) {
              const iy = oy * strideH - v.before + ky * dh;
              const ix = ox * strideW - h.before + kx * dw;
              if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
              const element = image[at(x.shape, 0, iy, ix, Math.floor((c * channelsIn) / channels))]!;
              sum += (element - xZero) * (weights[at(w.shape, 0, ky, kx, c)]! - wZero);
            }
          }
          const b = bias ? bias.data[c]! : 0;
          const i = at(y.shape, n, oy, ox, c);
          const activation = options.fusedActivationFunction;
          if (x.dtype === 'float32') {
            const scale = hybrid ? channelScale(w, c) : 1;
            data[i] = activate(activation, sum * xScale * scale + Number(b));
          } else {
            data[i] = requantizeSum(sum, b, x, w, y, c, activation);
          }
        }
      }
    }
  }
  return [{ shape: y.shape, data }];
}

/** Weights and bias of one form, with output quantization that covers about what the sums reach. */
function parameters(rng: Rng, dtype: DType, wType: DType, shape: readonly number[], taps: number, constant: boolean) {
  const channels = shape[3]!;
  if (wType === dtype && isFloat(dtype)) {
    const w = rng.tensor(dtype, shape, { constant });
    return { w, bias: rng.tensor(dtype, [channels], { constant }), y: undefined };
  }
  const perChannel = wType !== 'uint8' && (dtype === 'float32' || rng.bool(0.8));
  const quantization: QuantizationSpec = perChannel
    ? rng.channelQuantization(channels, 3)
    : { scale: [0.01], zeroPoint: [wType === 'uint8' ? rng.pick([0, 255, 120, 131]) : 0] };
  // Only few of the weights are far from the zero point, as in models.
  const near = wType === 'uint8' && rng.bool(0.5);
  const data = wType === 'int4' ? rng.data('uint8', [Math.ceil((taps * channels) / 2)]) : rng.data(wType, shape);
  if (near) for (const i of data.keys()) data[i] = i % 61 ? 64 + (Number(data[i]) & 127) : data[i]!;
  const w: TensorSpec = { dtype: wType, shape, quantization, data, constant };
  if (dtype === 'float32') return { w, bias: rng.tensor('float32', [channels]), y: undefined };
  const bias = rng.tensor(dtype === 'int16' ? 'int64' : 'int32', [channels], {
    constant: constant || dtype === 'int16',
  });
  const y = rng.quantization(dtype, rng.pick([1, 4, 40]) * (wType === 'int4' ? 0.1 : 1));
  return { w, bias, y };
}

function build(
  rng: Rng,
  [dtype, wType]: readonly [DType, DType],
  { kernel, dilation, options, height, width }: ReturnType<typeof randomWindow>,
  { batch = 1, channels = 8, multiplier = 1, bias = true, halves = false, constant = true, extra = {} } = {},
): OpCase {
  const shape = [1, ...kernel, channels * multiplier];
  const p = parameters(rng, dtype, wType, shape, kernel[0] * kernel[1], constant);
  const scaled = (q: QuantizationSpec, scale: number) => (halves ? { ...q, scale: q.scale.map(() => scale) } : q);
  const xQuantization = p.y && { quantization: scaled(rng.quantization(dtype), 0.5) };
  const x = rng.tensor(dtype, [batch, height, width, channels], xQuantization);
  const w = p.y ? { ...p.w, quantization: scaled(p.w.quantization!, 0.25) } : p.w;
  return {
    name: `${dtype} x ${wType} ${x.shape} filter ${shape} stride ${options.strideH},${options.strideW} dilation ${dilation} ${options.padding}`,
    options: { ...options, dilationHFactor: dilation[0], dilationWFactor: dilation[1], ...extra },
    inputs: bias ? [x, w, p.bias] : [x, w],
    outputs: [{ dtype, shape: [], ...(p.y && { quantization: scaled(p.y, 4) }) }],
  };
}

const FORMS = [
  ['float32', 'float32'],
  ['float16', 'float16'],
  ['float32', 'int8'],
  ['uint8', 'uint8'],
  ['int8', 'int8'],
  ['int8', 'int4'],
  ['int16', 'int8'],
] as const;

const base = { strideH: 1, strideW: 1, padding: 'SAME', fusedActivationFunction: 'NONE' };
const plain = { kernel: [3, 3], dilation: [1, 1], options: base, height: 6, width: 11 } as const;

export default {
  op: 'DEPTHWISE_CONV_2D',
  reference: withHalves(reference),
  cases: FORMS.flatMap((form) => {
    const rng = new Rng(7);
    return [
      build(rng, form, plain, { channels: 16 }),
      build(rng, form, { ...plain, options: { ...base, strideH: 2, strideW: 2 } }, { channels: 19, batch: 2 }),
      build(rng, form, { ...plain, width: 2 }, { channels: 3, bias: false }),
      build(rng, form, { ...plain, kernel: [5, 4] }, { channels: 1, multiplier: 8 }),
      build(rng, form, plain, { channels: 3, multiplier: 3 }),
      build(rng, form, plain, {
        channels: 9,
        extra: { padding: 'EXPLICIT', pads: { top: 3, bottom: 0, left: 1, right: 4 } },
      }),
      build(rng, form, plain, { batch: 0 }),
      // The window reaches past both ends of the input.
      build(rng, form, { ...plain, kernel: [5, 5], dilation: [2, 2], height: 3, width: 3 }, { channels: 5 }),
      // Every 32nd sum lies between two outputs.
      build(rng, form, plain, { channels: 24, halves: true }),
      build(rng, form, plain, { channels: 19, batch: 2, constant: false }),
      build(rng, form, plain, { channels: 5, batch: 0 }),
      build(rng, form, plain, { channels: 5, batch: 0, constant: false }),
      build(rng, form, { ...plain, kernel: [2, 3] }, { channels: 3, multiplier: 4, constant: false }),
      // A window a bit higher than the input: no rows.
      build(rng, form, { ...plain, height: 2, options: { ...base, padding: 'VALID', strideH: 2 } }, { channels: 5 }),
      build(
        rng,
        form,
        { ...plain, height: 3, width: 3, options: { ...base, padding: 'VALID' } },
        { channels: 1, multiplier: 5, constant: false },
      ),
      // Windows that have code of their own.
      build(rng, form, { ...plain, kernel: [5, 5], width: 13 }, { channels: 12 }),
      build(rng, form, { ...plain, kernel: [5, 5], width: 23, options: { ...base, strideW: 2 } }, { channels: 10 }),
      build(rng, form, { ...plain, kernel: [3, 3], dilation: [2, 3], width: 25 }, { channels: 17 }),
      // One column, which some kernels take as one row.
      build(rng, form, { ...plain, kernel: [7, 1], height: 21, width: 1 }, { channels: 22, batch: 2 }),
      build(
        rng,
        form,
        { ...plain, kernel: [3, 1], height: 9, width: 1, options: { ...base, strideH: 2 } },
        { channels: 5 },
      ),
      build(rng, form, { ...plain, kernel: [3, 1], dilation: [5, 1], height: 23, width: 1 }, { channels: 21 }),
    ];
  }),
  random(rng) {
    const many = rng.bool(0.25);
    return build(rng, rng.pick(FORMS), randomWindow(rng, true), {
      batch: rng.pick([1, 1, 2]),
      channels: many ? rng.int(1, 4) : rng.dim(36),
      multiplier: many ? rng.pick([2, 3, 4, 8, 11]) : 1,
      bias: rng.bool(0.8),
      constant: rng.bool(0.8),
    });
  },
  // Floats: sums of up to 25 products of up to 16.
  tolerance: halvesTolerance(({ inputs: [, w] }) => ({ atol: 2e-5, lsb: w!.dtype === 'int4' ? 0 : 1 })),
} satisfies OpSpec;
