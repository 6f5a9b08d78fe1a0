// What the references of TRANSPOSE_CONV and Convolution2DTransposeBias share.
import type { ReferenceNode, ReferenceResult, ReferenceTensor } from './spec.js';
import {
  activate,
  activateQuantized,
  asymmetric,
  at,
  channelScale,
  empty,
  multiplyByQuantizedMultiplier,
  quantizeActivation,
  realMultiplier,
  requantizeSum,
} from './window.js';

/** Every input element is spread over the window of outputs that starts at its position times the stride, less the cut. */
export function transposeConvolution(
  x: ReferenceTensor,
  w: ReferenceTensor,
  bias: ReferenceTensor | null | undefined,
  y: ReferenceNode['outputs'][number],
  shape: readonly number[],
  [strideH, strideW]: readonly [number, number],
  [top, left]: readonly [number, number],
  activation: string | undefined,
  biasType?: string,
): ReferenceResult {
  const [batch, height, width, depth] = x.shape as [number, number, number, number];
  const [channels, kh, kw] = w.shape as [number, number, number];
  const float = x.dtype === 'float32';
  const hybrid = float && w.dtype !== 'float32';
  const imageSize = height * width * depth;
  // Hybrid: each image is quantized on its own.
  const images = Array.from({ length: batch }, (_, n) => {
    const image = Array.from(x.data as Float32Array).slice(n * imageSize, (n + 1) * imageSize);
    if (!hybrid) return { image, scale: 1, zeroPoint: float ? 0 : x.quantization!.zeroPoint[0]! };
    const { scale, zeroPoint } = asymmetric(image);
    return { image: image.map((e) => quantizeActivation(e, scale, zeroPoint)), scale, zeroPoint };
  });
  const wZero = x.dtype === 'uint8' ? w.quantization!.zeroPoint[0]! : 0;
  const sums = new Float64Array(shape.reduce((a, b) => a * b, 1));
  for (let n = 0; n < batch; n++) {
    for (let iy = 0; iy < height; iy++) {
      for (let ix = 0; ix < width; ix++) {
        for (let ky = 0; ky < kh; ky++) {
          for (let kx = 0; kx < kw; kx++) {
            const [oy, ox] = [iy * strideH - top + ky, ix * strideW - left + kx];
            if (oy < 0 || oy >= shape[1]! || ox < 0 || ox >= shape[2]!) continue;
            for (let o = 0; o < channels; o++) {
              for (let i = 0; i < depth; i++) {
                const element = images[n]!.image[at(x.shape, 0, iy, ix, i)]! - images[n]!.zeroPoint;
                sums[at(shape, n, oy, ox, o)]! += element * (Number(w.data[at(w.shape, o, ky, kx, i)]) - wZero);
              }
            }
          }
        }
      }
    }
  }
  const data = empty(y.dtype, sums.length);
  // Sums of int16 in 32 bits, which TFLite rounds as those of bytes.
  const narrow = x.dtype === 'int16' && (bias?.dtype.toUpperCase() ?? biasType) === 'INT32';
  const output = (sum: number, b: number | bigint, c: number) => {
    if (!narrow) return requantizeSum(sum, b, x, w, y, c, activation);
    const scaled = multiplyByQuantizedMultiplier(sum + Number(b), realMultiplier(x, w, y, c));
    return activateQuantized(activation, y.dtype, y.quantization!, scaled);
  };
  for (const [i, sum] of sums.entries()) {
    const c = i % channels;
    const b = bias ? bias.data[c]! : 0;
    const scale = hybrid ? images[Math.floor((i * batch) / sums.length)]!.scale * channelScale(w, c) : 1;
    data[i] = float ? activate(activation, sum * scale + Number(b)) : output(sum, b, c);
  }
  return { shape, data };
}
