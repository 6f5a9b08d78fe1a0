import { Rng } from '../../support/random.js';
import type { OpCase, OpSpec, ReferenceNode, ReferenceResult } from '../../support/spec.js';
import { transposeConvolution } from '../../support/transpose-conv.js';

function reference({ inputs, outputs, customOptions }: ReferenceNode): ReferenceResult[] {
  const [x, w, bias] = [inputs[0]!, inputs[1]!, inputs[2]];
  const [padding, strideW, strideH] = new Int32Array(customOptions!.slice().buffer) as unknown as [
    number,
    number,
    number,
  ];
  const cut = (size: number, kernel: number, stride: number) => {
    return padding === 1 ? Math.max(0, kernel - ((size - 1) % stride) - 1) : 0;
  };
  const [, height, width] = x.shape as [number, number, number];
  const [, kh, kw] = w.shape as [number, number, number];
  const [cutH, cutW] = [cut(height, kh, strideH), cut(width, kw, strideW)];
  const shape = [x.shape[0]!, strideH * (height - 1) + kh - cutH, strideW * (width - 1) + kw - cutW, w.shape[0]!];
  const before = [Math.floor(cutH / 2), Math.floor(cutW / 2)] as const;
  return [transposeConvolution(x, w, bias, outputs[0]!, shape, [strideH, strideW], before, 'NONE')];
}

function build(
  rng: Rng,
  x: readonly number[],
  kernel: readonly number[],
  channels: number,
  [strideH, strideW]: readonly [number, number],
  same: boolean,
): OpCase {
  const filter = [channels, ...kernel, x[3]!];
  return {
    name: `${x} filter ${filter} stride ${strideH},${strideW} ${same ? 'SAME' : 'VALID'}`,
    customOptions: new Uint8Array(Int32Array.of(same ? 1 : 2, strideW, strideH).buffer),
    inputs: [rng.tensor('float32', x), rng.tensor('float32', filter), rng.tensor('float32', [channels])],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

const rng = new Rng(2);

export default {
  op: 'Convolution2DTransposeBias',
  custom: true,
  reference,
  cases: [
    build(rng, [1, 8, 8, 16], [2, 2], 1, [2, 2], true),
    build(rng, [2, 3, 5, 7], [3, 4], 6, [2, 3], true),
    build(rng, [1, 4, 3, 4], [3, 3], 5, [1, 2], false),
  ],
  random(rng) {
    const x = [rng.pick([1, 1, 2]), rng.int(1, 6), rng.int(1, 6), rng.dim(20)];
    const strides = [rng.int(1, 3), rng.int(1, 3)] as const;
    // A stride beyond the window would cut a negative amount.
    const kernel = [strides[0] + rng.int(0, 3), strides[1] + rng.int(0, 3)];
    return build(rng, x, kernel, rng.dim(9), strides, rng.bool());
  },
  // Sums of up to 400 products of up to 16.
  tolerance: () => ({ atol: 4e-4 }),
} satisfies OpSpec;
