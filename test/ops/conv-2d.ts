import { roundAway } from '../../bindings/quantization.js';
import { halvesTolerance, withHalves } from '../support/halves.js';
import {
  FORMS,
  type Form,
  isFloat,
  quantizeRun,
  randomWeights,
  requantizeProduct,
  scaleOf,
} from '../support/matrix.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec, ReferenceNode, ReferenceResult } from '../support/spec.js';
import {
  activate,
  activateQuantized,
  at,
  empty,
  integers,
  randomWindow,
  realMultiplier,
  slide,
} from '../support/window.js';

/**
 * y[n, oy, ox, o] = bias[o] + sum of (x[n, iy, ix, g * depth + c] - zero) * (w[o, ky, kx, c] - zero) over the taps inside
 * the input, where o belongs to group g and a filter sees the channels of its group.
 */
function reference({ inputs, outputs, options }: ReferenceNode): ReferenceResult[] {
  const [x, w, bias] = [inputs[0]!, inputs[1]!, inputs[2]];
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [oc, kh, kw, depth] = w.shape as [number, number, number, number];
  const { strideH, strideW, dilationHFactor: dh = 1, dilationWFactor: dw = 1, fusedActivationFunction } = options;
  const v = slide(options, 'h', height, kh, strideH, dh);
  const h = slide(options, 'w', width, kw, strideW, dw);
  const y = { ...outputs[0]!, shape: [batch, v.size, h.size, oc] };
  const filter = integers(w, x);
  const wZero = x.dtype === 'uint8' ? w.quantization!.zeroPoint[0]! : 0;
  const hybrid = x.dtype === 'float32' && w.dtype !== 'float32';
  const perChannel = hybrid && (depth < channels || w.quantization!.scale.some((s) => s !== w.quantization!.scale[0]));
  const imageSize = height * width * channels;
  const data = empty(y.dtype, batch * v.size * h.size * oc);
  for (let n = 0; n < batch; n++) {
    let image: ArrayLike<number> = (x.data as Float32Array).subarray(n * imageSize, (n + 1) * imageSize);
    let xZero = x.dtype === 'float32' ? 0 : x.quantization!.zeroPoint[0]!;
    let xScale = 1;
    if (hybrid) {
      // Asymmetric where the weights have scales of their own or groups, symmetric where one scale serves all.
      const run = quantizeRun(image as Float32Array, perChannel);
      [image, xScale, xZero] = [run.q, run.scale, run.zeroPoint];
    }
    for (let oy = 0; oy < v.size; oy++) {
      for (let ox = 0; ox < h.size; ox++) {
        for (let o = 0; o < oc; o++) {
          const group = Math.floor(o / (oc / (channels / depth)));
          let sum = 0;
          for (let ky = 0; ky < kh; ky++) {
            for (let kx = 0; kx < kw; kx++) {
              const iy = oy * strideH - v.before + ky * dh;
              const ix = ox * strideW - h.before + kx * dw;
              if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
              for (let c = 0; c < depth; c++) {
                const element = image[at(x.shape, 0, iy, ix, group * depth + c)]!;
                sum += (element - xZero) * (filter[at(w.shape, o, ky, kx, c)]! - wZero);
              }
            }
          }
          const b = bias ? Number(bias.data[o]!) : 0;
          const i = at(y.shape, n, oy, ox, o);
          if (x.dtype === 'float32') {
            data[i] = activate(fusedActivationFunction, sum * xScale * (hybrid ? scaleOf(w, o) : 1) + b);
          } else if (x.dtype === 'int16' && bias?.dtype === 'int32' && depth === channels) {
            // In double precision, halves away from zero, as FULLY_CONNECTED.
            const scaled = roundAway((sum + b) * realMultiplier(x, w, y, o));
            data[i] = activateQuantized(fusedActivationFunction, 'int16', y.quantization!, scaled);
          } else {
            // In groups, int8 rounds twice, too.
            const rounding = depth < channels && x.dtype === 'int8' ? 'uint8' : x.dtype;
            data[i] = requantizeProduct(sum + b, realMultiplier(x, w, y, o), rounding, y, fusedActivationFunction);
          }
        }
      }
    }
  }
  return [{ shape: y.shape, data }];
}

function build(
  rng: Rng,
  form: Form,
  { kernel, dilation, options, height, width }: ReturnType<typeof randomWindow>,
  { batch = 1, depth = 8, n = 8, groups = 1, bias = true, constant = true, density = 1, extra = {} } = {},
): OpCase {
  const shape = [n * groups, ...kernel, depth];
  const p = randomWeights(rng, form, shape, constant);
  const thinned = Float32Array.from(form.w === 'float32' ? (p.w.data as Float32Array) : [], (x) => {
    return rng.bool(density) ? x : 0;
  });
  const w = form.w === 'float32' ? { ...p.w, data: thinned } : p.w;
  const x = rng.tensor(
    form.x,
    [batch, height, width, depth * groups],
    isFloat(form.x) ? {} : { quantization: rng.quantization(form.x) },
  );
  return {
    name: `${form.x} x ${form.w} ${x.shape} filter ${shape} stride ${options.strideH},${options.strideW} dilation ${dilation} ${options.padding}`,
    options: { ...options, dilationHFactor: dilation[0], dilationWFactor: dilation[1], ...extra },
    inputs: bias ? [x, w, p.bias] : [x, w],
    outputs: [p.y],
  };
}

const base = { strideH: 1, strideW: 1, padding: 'SAME', fusedActivationFunction: 'NONE' };
const plain = { kernel: [3, 3], dilation: [1, 1], options: base, height: 5, width: 7 } as const;

export default {
  op: 'CONV_2D',
  reference: withHalves(reference),
  cases: FORMS.flatMap((form) => {
    const rng = new Rng(11);
    const words = build(rng, form, plain, { depth: 5, n: 9 });
    const inGroups = build(rng, form, plain, { depth: 2, n: 3, groups: 3 });
    const withInt32Bias = (c: OpCase): OpCase => {
      const [x, w, bias] = c.inputs;
      return { ...c, inputs: [x!, w!, { ...rng.tensor('int32', bias!.shape), constant: true }] };
    };
    return [
      ...(form.x === 'int16' ? [words, inGroups].map(withInt32Bias) : []),
      build(rng, form, plain, { depth: 16, n: 32 }),
      build(rng, form, { ...plain, options: { ...base, strideH: 2, strideW: 2 } }, { depth: 3, n: 24, batch: 2 }),
      build(rng, form, { ...plain, kernel: [1, 1] }, { depth: 13, n: 17, batch: 2 }),
      build(rng, form, { ...plain, kernel: [1, 1], height: 1, width: 2 }, { depth: 21, n: 20 }),
      // The window is the image: a matrix product of `batch` rows.
      build(
        rng,
        form,
        { ...plain, kernel: [5, 7], options: { ...base, padding: 'VALID' } },
        { depth: 3, n: 9, batch: 5 },
      ),
      // A window a bit higher than the input: no rows.
      build(rng, form, { ...plain, height: 2, options: { ...base, padding: 'VALID', strideH: 2 } }, { depth: 4, n: 8 }),
      // Sparse weights: rows beside the 32 and 16 at a time, columns with no weight at all.
      build(rng, form, { ...plain, kernel: [1, 1] }, { depth: 24, n: 20, density: 0.3 }),
      build(rng, form, { ...plain, kernel: [1, 1] }, { depth: 16, n: 12, density: 0.1, batch: 3, bias: false }),
      build(rng, form, plain, { depth: 3, n: 5, groups: 3 }),
      build(rng, form, { ...plain, dilation: [2, 3], height: 9, width: 9 }, { depth: 5, n: 7, bias: false }),
      build(rng, form, plain, { depth: 4, n: 11, constant: false }),
      build(rng, form, plain, { depth: 4, n: 3, batch: 0 }),
      build(
        rng,
        form,
        { ...plain, options: { ...base, padding: 'EXPLICIT' } },
        {
          n: 9,
          extra: { pads: { top: 3, bottom: 0, left: 1, right: 4 } },
        },
      ),
      // Tiles of Winograd's transform: several blocks of them, channels beside vectors and panels, interleaved tiles.
      build(rng, form, { ...plain, height: 35, width: 42 }, { depth: 6, n: 21 }),
      build(rng, form, { ...plain, height: 13, width: 9 }, { depth: 24, n: 37, batch: 2, bias: false }),
      build(rng, form, { ...plain, dilation: [2, 3], height: 17, width: 23 }, { depth: 7, n: 10 }),
      // Images that dynamic quantization takes in pieces.
      build(rng, form, { ...plain, kernel: [1, 1], height: 50, width: 51 }, { depth: 5, n: 3, batch: 2 }),
      // Lines of images that relaxed dot products take in strips.
      build(rng, form, { ...plain, height: 41, width: 90 }, { depth: 9, n: 3, batch: 2 }),
      // Weights so many that they are packed as bytes.
      ...(/^u?int8/.test(form.w) ? [build(rng, form, plain, { depth: 121, n: 121, batch: 2 })] : []),
      build(rng, form, plain, { batch: 0 }),
      // The window reaches past both ends of the input.
      build(rng, form, { ...plain, kernel: [5, 5], dilation: [2, 2], height: 3, width: 3 }, { depth: 5 }),
      // One column, which kernels take as one row.
      build(rng, form, { ...plain, kernel: [7, 1], height: 21, width: 1 }, { depth: 3, n: 9, batch: 2 }),
      build(
        rng,
        form,
        { ...plain, kernel: [3, 1], dilation: [2, 1], height: 17, width: 1, options: { ...base, strideH: 2 } },
        { depth: 5, n: 18, groups: 2 },
      ),
    ];
  }),
  random(rng) {
    return build(rng, rng.pick(FORMS), randomWindow(rng, true), {
      batch: rng.pick([1, 1, 2]),
      depth: rng.dim(20),
      n: rng.dim(36),
      groups: rng.pick([1, 1, 1, 2, 3]),
      bias: rng.bool(0.8),
      constant: rng.bool(0.8),
      density: rng.pick([1, 0.2]),
    });
  },
  tolerance: halvesTolerance(({ inputs: [x, w] }) => {
    if (!isFloat(x!.dtype)) return {};
    // Sums of up to 500 products of up to 16, in part from transforms; hybrid sums are exact before they are scaled.
    return isFloat(w!.dtype) ? { atol: 1e-3 } : { rtol: 1e-6, atol: 1e-5 };
  }),
} as OpSpec;
