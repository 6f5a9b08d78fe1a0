// Layers of real networks, one or more for each kernel family.
import type { DType } from '../../bindings/dtype.js';
import type { OperatorOptions } from '../../bindings/model/model.js';
import { Rng } from '../../test/support/random.js';
import type { OpCase, TensorSpec } from '../../test/support/spec.js';

/** What a kernel multiplies. */
export type Multiplies = 'f32' | 'int8';

export interface KernelCase {
  readonly family: string;
  readonly op: string;
  /** null for kernels that move data, or whose work has no name. */
  readonly multiplies: Multiplies | null;
  readonly layer: OpCase;
}

const rng = new Rng(1);
type Shape = readonly number[];
/** `f32`, `qs8` (int8, weights per channel), `qd8` (int8 weights, floats around them). */
type Form = 'f32' | 'qs8' | 'qd8';

const SAME = { padding: 'SAME', strideH: 1, strideW: 1, dilationHFactor: 1, dilationWFactor: 1 };
const RELU6 = { fusedActivationFunction: 'RELU6' };
const ACTIVATION = { scale: [0.05], zeroPoint: [3] };

const activation = (dtype: DType, shape: Shape): TensorSpec =>
  rng.tensor(dtype, shape, /^u?int8/.test(dtype) ? { quantization: ACTIVATION } : {});
const output = (dtype: DType) => ({ dtype, shape: [], quantization: /^u?int8/.test(dtype) ? ACTIVATION : undefined });
const multiplies = (form: Form): Multiplies => (form === 'f32' ? 'f32' : 'int8');

/** Weights and bias of a layer; `axis` has the channels. */
function weights(form: Form, shape: Shape, axis: number): [TensorSpec, TensorSpec] {
  const channels = shape[axis]!;
  const bias: Partial<TensorSpec> = { constant: true };
  if (form === 'f32') return [rng.tensor('float32', shape, bias), rng.tensor('float32', [channels], bias)];
  const quantization = rng.channelQuantization(channels, axis);
  const w = rng.tensor('int8', shape, { constant: true, quantization });
  if (form === 'qd8') return [w, rng.tensor('float32', [channels], bias)];
  const scale = quantization.scale.map((s) => Math.fround(s * ACTIVATION.scale[0]!));
  const zeroPoint = scale.map(() => 0);
  return [w, rng.tensor('int32', [channels], { constant: true, quantization: { scale, zeroPoint } })];
}

function matrix(
  family: string,
  form: Form,
  op: string,
  x: Shape,
  w: Shape,
  options: OperatorOptions,
  note = '',
  axis = 0,
): KernelCase {
  const dtype = form === 'qs8' ? 'int8' : 'float32';
  const inputs = [activation(dtype, x), ...weights(form, w, axis)];
  const name = `${x.join('x')} by ${w.join('x')}${note}`;
  const layer = { name, options: { ...options, ...RELU6 }, inputs, outputs: [output(dtype)] };
  return { family: `${form} ${family}`, op, multiplies: multiplies(form), layer };
}

const conv = (form: Form, size: number, c: number, n: number, kernel: number, stride = 1) =>
  matrix(
    kernel === 1 ? 'gemm' : 'conv',
    form,
    'CONV_2D',
    [1, size, size, c],
    [n, kernel, kernel, c],
    { ...SAME, strideH: stride, strideW: stride },
    stride > 1 ? ` stride ${stride}` : '',
  );

const dwconv = (form: Form, size: number, c: number, kernel: number, stride: number) =>
  matrix(
    'dwconv',
    form,
    'DEPTHWISE_CONV_2D',
    [1, size, size, c],
    [1, kernel, kernel, c],
    { ...SAME, strideH: stride, strideW: stride, depthMultiplier: 1 },
    stride > 1 ? ` stride ${stride}` : '',
    3,
  );

const dense = (form: Form, m: number, k: number, n: number) =>
  matrix(m === 1 ? 'gemv' : 'gemm', form, 'FULLY_CONNECTED', [m, k], [n, k], { weightsFormat: 'DEFAULT' });

function transposeConv(form: 'f32' | 'qs8', size: number, c: number, n: number): KernelCase {
  const dtype = form === 'qs8' ? 'int8' : 'float32';
  const shape = { dtype: 'int32', shape: [4], constant: true, data: Int32Array.of(1, 2 * size, 2 * size, n) } as const;
  const [w, bias] = weights(form, [n, 2, 2, c], 0);
  const layer = {
    name: `${size}x${size}x${c} to ${2 * size}x${2 * size}x${n}`,
    options: { padding: 'SAME', strideH: 2, strideW: 2 },
    inputs: [shape, w, activation(dtype, [1, size, size, c]), bias],
    outputs: [output(dtype)],
  };
  return { family: `${form} transpose conv`, op: 'TRANSPOSE_CONV', multiplies: multiplies(form), layer };
}

/** An operator whose inputs are tensors of one type and numbers of others. */
function moving(
  family: string,
  op: string,
  dtype: DType,
  shapes: readonly Shape[],
  options: OperatorOptions = {},
  numbers: readonly number[][] = [],
  out: DType = dtype,
): KernelCase {
  const constants = numbers.map((list) => ({
    dtype: 'int32' as const,
    shape: [list.length],
    constant: true,
    data: Int32Array.from(list),
  }));
  const inputs = [...shapes.map((shape) => activation(dtype, shape)), ...constants];
  const name = shapes.map((shape) => shape.join('x')).join(' and ');
  const quantized = /softmax|logistic|tanh/i.test(op) && out === 'int8';
  // TFLite fixes the output's scale of these.
  const outputs = [quantized ? { ...output(out), quantization: { scale: [1 / 256], zeroPoint: [-128] } } : output(out)];
  return { family, op, multiplies: null, layer: { name, options, inputs, outputs } };
}

const PLAIN = { fusedActivationFunction: 'NONE' };
const POOL = { padding: 'VALID', strideH: 2, strideW: 2, filterHeight: 2, filterWidth: 2, ...PLAIN };
const GLOBAL = { padding: 'VALID', strideH: 1, strideW: 1, filterHeight: 7, filterWidth: 7, ...PLAIN };
const IMAGE = [1, 56, 56, 64];

const forms = (make: (form: 'f32' | 'qs8') => KernelCase[]) => [...make('f32'), ...make('qs8')];
const types = (make: (dtype: 'float32' | 'int8') => KernelCase[]) => [...make('float32'), ...make('int8')];

export const CASES: readonly KernelCase[] = [
  ...forms((form) => [
    conv(form, 112, 32, 64, 1),
    conv(form, 56, 64, 128, 1),
    conv(form, 28, 256, 256, 1),
    conv(form, 14, 512, 512, 1),
    conv(form, 7, 960, 160, 1),
    dense(form, 128, 256, 1024),
    conv(form, 224, 3, 32, 3, 2),
    conv(form, 56, 64, 64, 3),
    conv(form, 14, 256, 256, 3),
    conv(form, 56, 128, 128, 3, 2),
    dense(form, 1, 1280, 1001),
    dense(form, 1, 256, 1024),
    dwconv(form, 112, 32, 3, 1),
    dwconv(form, 112, 96, 3, 2),
    dwconv(form, 28, 192, 3, 1),
    dwconv(form, 56, 72, 5, 2),
    dwconv(form, 14, 480, 5, 1),
    dwconv(form, 7, 960, 3, 1),
    transposeConv(form, 28, 64, 32),
  ]),
  conv('qd8', 28, 256, 256, 1),
  dense('qd8', 128, 256, 1024),
  dense('qd8', 1, 1280, 1001),
  dwconv('qd8', 28, 192, 3, 1),
  ...types((dtype) => [
    moving('add', 'ADD', dtype, [IMAGE, IMAGE], PLAIN),
    moving('multiply by channel', 'MUL', dtype, [IMAGE, [1, 1, 1, 64]], PLAIN),
    moving('hard swish', 'HARD_SWISH', dtype, [IMAGE]),
    moving('logistic', 'LOGISTIC', dtype, [IMAGE]),
    moving('softmax', 'SOFTMAX', dtype, [[1, 1001]], { beta: 1 }),
    moving('softmax', 'SOFTMAX', dtype, [[512, 128]], { beta: 1 }),
    moving('max pool', 'MAX_POOL_2D', dtype, [[1, 112, 112, 64]], POOL),
    moving('average pool', 'AVERAGE_POOL_2D', dtype, [[1, 7, 7, 1280]], GLOBAL),
    moving('mean', 'MEAN', dtype, [[1, 7, 7, 1280]], { keepDims: true }, [[1, 2]]),
    moving('resize bilinear', 'RESIZE_BILINEAR', dtype, [[1, 33, 33, 21]], { alignCorners: true }, [[257, 257]]),
    moving('resize nearest', 'RESIZE_NEAREST_NEIGHBOR', dtype, [[1, 28, 28, 64]], {}, [[56, 56]]),
    moving('transpose', 'TRANSPOSE', dtype, [[1, 128, 4, 64]], {}, [[0, 2, 1, 3]]),
    moving('transpose', 'TRANSPOSE', dtype, [[1, 56, 56, 64]], {}, [[0, 3, 1, 2]]),
    moving('concatenate', 'CONCATENATION', dtype, [IMAGE, IMAGE], { axis: 3, ...PLAIN }),
    moving('space to depth', 'SPACE_TO_DEPTH', dtype, [IMAGE], { blockSize: 2 }),
  ]),
  moving('tanh', 'TANH', 'float32', [IMAGE]),
  moving('gelu', 'GELU', 'float32', [IMAGE]),
  moving('quantize', 'QUANTIZE', 'float32', [IMAGE], {}, [], 'int8'),
  moving('dequantize', 'DEQUANTIZE', 'int8', [IMAGE], {}, [], 'float32'),
];
