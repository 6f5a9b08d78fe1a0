import type { DType } from '../../bindings/dtype.js';
import { elementCount } from '../../bindings/dtype.js';
import { halvesTolerance, withHalves } from '../support/halves.js';
import { isFloat, quantizeRun, scaleOf } from '../support/matrix.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec, ReferenceNode, ReferenceResult } from '../support/spec.js';
import { activateQuantized, empty, multiplyByQuantizedMultiplier, multiplyWide } from '../support/window.js';

const { fround } = Math;

/** The batch dimensions of both, broadcast against each other. */
function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [p, q] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    return p === 1 ? q : p;
  });
}

/** Position among the matrices of batch dimensions `own` of the one at `index` of the broadcast dimensions. */
function locate(own: readonly number[], index: readonly number[]): number {
  return own.reduce((at, n, i) => at * n + (n === 1 ? 0 : index[index.length - own.length + i]!), 0);
}

/** y[b, i, j] = sum over p of (x[b, i, p] - zero) * (w[b, p, j] - zero), with x and w transposed as adjX and adjY say. */
function reference({
  inputs,
  outputs,
  options: { adjX, adjY, asymmetricQuantizeInputs },
}: ReferenceNode): ReferenceResult[] {
  const [x, w, y] = [inputs[0]!, inputs[1]!, outputs[0]!];
  const [r, c] = x.shape.slice(-2) as [number, number];
  const [m, k] = adjX ? [c, r] : [r, c];
  const n = w.shape.at(adjY ? -2 : -1)!;
  const batch = broadcast(x.shape.slice(0, -2), w.shape.slice(0, -2));
  const integers = x.dtype !== 'float32';
  const hybrid = !integers && w.dtype !== 'float32';
  const sums = y.dtype === 'int32';
  const xZero = integers && !sums ? x.quantization!.zeroPoint[0]! : 0;
  const wZero = integers && !sums ? w.quantization!.zeroPoint[0]! : 0;
  const data = empty(y.dtype, elementCount(batch) * m * n);
  for (let b = 0; b < elementCount(batch); b++) {
    const index: number[] = [];
    for (let d = batch.length - 1, rest = b; d >= 0; d--) {
      index.unshift(rest % batch[d]!);
      rest = Math.floor(rest / batch[d]!);
    }
    const xAt = locate(x.shape.slice(0, -2), index) * m * k;
    const wAt = locate(w.shape.slice(0, -2), index) * k * n;
    for (let i = 0; i < m; i++) {
      let row = Array.from({ length: k }, (_, p) => Number(x.data[xAt + (adjX ? p * m + i : i * k + p)]) - xZero);
      let scale = 1;
      if (hybrid) {
        const run = quantizeRun(Float32Array.from(row), !!asymmetricQuantizeInputs);
        row = run.q.map((v) => v - run.zeroPoint);
        scale = run.scale;
      }
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) sum += row[p]! * (Number(w.data[wAt + (adjY ? j * k + p : p * n + j)]) - wZero);
        const at = (b * m + i) * n + j;
        if (sums) data[at] = sum;
        else if (!integers) data[at] = sum * scale * (hybrid ? scaleOf(w, j) : 1);
        else {
          // TFLite takes scales per channel for none at all, that is, 0.
          const wScale = w.quantization!.scale.length > 1 ? 0 : scaleOf(w, 0);
          const real = fround(fround(x.quantization!.scale[0]!) * wScale) / fround(y.quantization!.scale[0]!);
          const scaled =
            x.dtype === 'int8' ? multiplyByQuantizedMultiplier(sum, real) : multiplyWide(BigInt(sum), real);
          data[at] = activateQuantized('NONE', y.dtype, y.quantization!, scaled + y.quantization!.zeroPoint[0]!);
        }
      }
    }
  }
  return [{ shape: [...batch, m, n], data }];
}

const FORMS = [
  ['float32', 'float32'],
  ['float32', 'int8'],
  ['float16', 'float16'],
  ['int8', 'int8'],
  ['int16', 'int16'],
  ['int16', 'int8'],
  ['int8', 'int8', 'int32'],
] as const;

interface Shapes {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly adjX?: boolean;
  readonly adjY?: boolean;
  readonly constant?: boolean;
  readonly perChannel?: boolean;
  readonly asymmetricQuantizeInputs?: boolean;
}

function build(rng: Rng, [xType, wType, yType = xType]: readonly [DType, DType, DType?], s: Shapes): OpCase {
  const { m, k, n, adjX = false, adjY = false, asymmetricQuantizeInputs = false } = s;
  const xShape = [...s.x, ...(adjX ? [k, m] : [m, k])];
  const wShape = [...s.w, ...(adjY ? [n, k] : [k, n])];
  const quantized = !isFloat(xType);
  const wQuantization = isFloat(wType)
    ? undefined
    : quantized
      ? xType === 'int16'
        ? s.perChannel
          ? rng.channelQuantization(n, wShape.length - (adjY ? 2 : 1))
          : { scale: [0.01], zeroPoint: [0] }
        : rng.quantization(wType)
      : s.perChannel
        ? rng.channelQuantization(n, wShape.length - (adjY ? 2 : 1))
        : { scale: [0.01], zeroPoint: [0] };
  const x = rng.tensor(xType, xShape, quantized ? { quantization: rng.quantization(xType) } : {});
  const w = rng.tensor(wType, wShape, {
    constant: s.constant ?? false,
    ...(wQuantization && { quantization: wQuantization }),
  });
  return {
    name: `${yType === xType ? '' : `${yType} of `}${xType} [${xShape}] x ${wType} [${wShape}]${adjX ? ' adjX' : ''}${adjY ? ' adjY' : ''}`,
    options: { adjX, adjY, asymmetricQuantizeInputs },
    inputs: [x, w],
    outputs: [
      {
        dtype: yType,
        shape: [],
        ...(quantized &&
          yType !== 'int32' && { quantization: rng.quantization(xType, 16 * Math.sqrt(Math.max(1, k))) }),
      },
    ],
  };
}

export default {
  op: 'BATCH_MATMUL',
  reference: withHalves(reference),
  cases: FORMS.flatMap((form) => {
    const rng = new Rng(17);
    return [
      build(rng, form, { x: [], w: [], m: 5, k: 9, n: 7 }),
      build(rng, form, { x: [2], w: [2], m: 17, k: 16, n: 32, adjY: true }),
      build(rng, form, { x: [3], w: [], m: 2, k: 5, n: 19, constant: true, perChannel: true }),
      // Sums of nothing.
      build(rng, form, { x: [2], w: [2], m: 3, k: 0, n: 5 }),
      build(rng, form, { x: [2, 1], w: [1, 3], m: 4, k: 8, n: 33 }),
      build(rng, form, { x: [], w: [2, 3], m: 9, k: 3, n: 1, adjX: true, adjY: true }),
      build(rng, form, { x: [2, 4], w: [2, 1], m: 3, k: 13, n: 16, adjX: true, asymmetricQuantizeInputs: true }),
    ];
  }),
  random(rng) {
    const batch = Array.from({ length: rng.int(0, 3) }, () => rng.int(1, 3));
    const part = () => batch.map((d) => (rng.bool(0.3) ? 1 : d)).slice(rng.bool(0.3) ? rng.int(0, batch.length) : 0);
    return build(rng, rng.pick(FORMS), {
      x: part(),
      w: part(),
      m: rng.dim(20),
      k: rng.dim(),
      n: rng.dim(),
      adjX: rng.bool(0.3),
      adjY: rng.bool(),
      constant: rng.bool(0.3),
      perChannel: rng.bool(),
      asymmetricQuantizeInputs: rng.bool(),
    });
  },
  tolerance: halvesTolerance(({ inputs: [x, w] }) => {
    if (!isFloat(x!.dtype)) return {};
    return isFloat(w!.dtype) ? { atol: 5e-5 } : { rtol: 1e-6, atol: 1e-5 };
  }),
} as OpSpec;
