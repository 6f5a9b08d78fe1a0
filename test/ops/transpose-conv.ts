import type { DType } from '../../bindings/dtype.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec, ReferenceNode, ReferenceResult, TensorSpec } from '../support/spec.js';
import { transposeConvolution } from '../support/transpose-conv.js';
import { slide } from '../support/window.js';

function reference({ inputs, outputs, options }: ReferenceNode): ReferenceResult[] {
  const shape = Array.from(inputs[0]!.data as Int32Array);
  const [w, x, bias] = [inputs[1]!, inputs[2]!, inputs[3]];
  const { strideH, strideW, fusedActivationFunction, quantizedBiasType } = options;
  const strides = [strideH, strideW] as const;
  // The padding is that of the convolution which leads from the output back to the input.
  const top = slide(options, 'h', shape[1]!, w.shape[1]!, strideH).before;
  const left = slide(options, 'w', shape[2]!, w.shape[2]!, strideW).before;
  return [
    transposeConvolution(
      ...([x, w, bias, outputs[0]!, shape, strides, [top, left]] as const),
      fusedActivationFunction,
      quantizedBiasType,
    ),
  ];
}

interface Sizes {
  readonly x: readonly [number, number, number, number];
  readonly kernel: readonly [number, number];
  readonly channels: number;
  readonly strides: readonly [number, number];
  readonly padding: 'SAME' | 'VALID';
}

function build(
  rng: Rng,
  [dtype, wType]: readonly [DType, DType],
  { x, kernel, channels, strides, padding }: Sizes,
): OpCase {
  const size = (i: 0 | 1) => {
    const input = x[i + 1]!;
    return padding === 'SAME'
      ? input * strides[i]! - rng.int(0, strides[i]! - 1)
      : (input - 1) * strides[i]! + kernel[i]!;
  };
  const shape = [x[0], size(0), size(1), channels];
  const filter = [channels, ...kernel, x[3]];
  const constant = true;
  const float = dtype === 'float32';
  const scales =
    dtype === 'uint8' ? { scale: [0.01], zeroPoint: [rng.pick([0, 120, 255])] } : rng.channelQuantization(channels, 0);
  const w: TensorSpec = rng.tensor(wType, filter, wType === 'float32' ? {} : { constant, quantization: scales });
  const biasType = float ? 'float32' : dtype === 'int16' && rng.bool() ? 'int64' : 'int32';
  const quantizedBiasType = dtype === 'int16' ? biasType.toUpperCase() : 'FLOAT32';
  const bias = rng.bool(0.7)
    ? [rng.tensor(biasType, [channels], float || (dtype !== 'int16' && rng.bool(0.2)) ? {} : { constant })]
    : [];
  const q = (range: number) => (float ? {} : { quantization: rng.quantization(dtype, range) });
  const output = { dtype: 'int32', shape: [4], data: Int32Array.from(shape), constant: rng.bool(0.8) } as const;
  const fusedActivationFunction = rng.pick(['NONE', 'NONE', 'RELU', 'RELU6']);
  return {
    name: `${dtype} x ${wType} ${x} filter ${filter} stride ${strides} ${padding} to ${shape}`,
    options: { padding, strideH: strides[0], strideW: strides[1], fusedActivationFunction, quantizedBiasType },
    inputs: [output, w, rng.tensor(dtype, x, q(4)), ...bias],
    outputs: [{ dtype, shape: [], ...q(30) }],
  };
}

const FORMS = [
  ['float32', 'float32'],
  ['float32', 'int8'],
  ['uint8', 'uint8'],
  ['int8', 'int8'],
  ['int16', 'int8'],
] as const;

export default {
  op: 'TRANSPOSE_CONV',
  reference,
  cases: FORMS.flatMap((form) => {
    const rng = new Rng(11);
    return [
      build(rng, form, { x: [1, 5, 6, 16], kernel: [2, 2], channels: 8, strides: [2, 2], padding: 'VALID' }),
      build(rng, form, { x: [2, 3, 4, 5], kernel: [3, 3], channels: 1, strides: [2, 2], padding: 'SAME' }),
      // Few channels: four outputs at a time, and what is left of a row.
      build(rng, form, { x: [1, 3, 11, 17], kernel: [3, 5], channels: 2, strides: [1, 2], padding: 'SAME' }),
      // Strides beyond the window leave outputs without taps.
      build(rng, form, { x: [1, 3, 3, 3], kernel: [1, 2], channels: 6, strides: [3, 4], padding: 'SAME' }),
    ];
  }),
  random(rng) {
    return build(rng, rng.pick(FORMS), {
      x: [rng.pick([1, 1, 2]), rng.int(1, 6), rng.int(1, 6), rng.dim(20)],
      kernel: [rng.int(1, 5), rng.int(1, 5)],
      channels: rng.dim(19),
      strides: [rng.int(1, 3), rng.int(1, 3)],
      padding: rng.pick(['SAME', 'VALID']),
    });
  },
  // Sums of up to 400 products of up to 16.
  tolerance: () => ({ atol: 4e-4 }),
} satisfies OpSpec;
