import { checkShape, input, invalid, type OpNode, optionalInput, output, perTensor, unsupported } from '../graph/ir.js';
import { quantizeMultiplier } from '../quantization.js';
import type { Arg } from './operator.js';
import {
  activate,
  activationOf,
  checkMatrix,
  checkVector,
  inputProducts,
  recurrent,
  sequence,
  stateOf,
} from './shared/recurrent.js';

const { fround } = Math;

/** Types of input, feature weights, time weights, bias, state and output. */
const FORMS: readonly string[] = [
  'float32,float32,float32,float32,float32,float32',
  'float32,int8,float32,float32,float32,float32',
  'float32,int8,int8,float32,float32,float32',
  'int8,int8,int16,int32,int16,int8',
];

function read(node: OpNode) {
  const x = sequence(node, input(node, 0), 2);
  const [features, times, bias] = [input(node, 1), input(node, 2), optionalInput(node, 3)];
  const { rank } = node.options;
  const filters = features.shape[0]!;
  const size = times.shape.at(-1)!;
  if (!(rank > 0 && filters % rank === 0)) throw invalid(node, `${filters} filters of rank ${rank}`);
  const units = filters / rank;
  checkMatrix(node, features, filters, x.depth);
  checkMatrix(node, times, filters, size);
  checkVector(node, bias, units);
  checkShape(node, size > 0, () => `time weights [${times.shape}]`);
  const state = stateOf(node, 4, x.batch * filters * size);
  const integer = x.x.dtype === 'int8';
  const types = [x.x, features, times, bias, state, output(node)].map(
    (v) => v?.dtype ?? (integer ? 'int32' : 'float32'),
  );
  if (!FORMS.includes(types.join())) throw unsupported(node, `types ${types}`);
  const { limits } = activationOf(node);
  if (integer) {
    if (limits[0] !== 0 || limits[1] !== Infinity) throw unsupported(node, 'int8 with an activation other than RELU');
    for (const value of [x.x, features, times, state, output(node)]) perTensor(node, value);
  }
  return { x, features, times, bias, state, units, rank: rank as number, size, integer, limits };
}

export const svdf = recurrent({
  name: 'SVDF',
  stateful: true,
  infer(node) {
    const { x, units } = read(node);
    return [[x.batch, units]];
  },
  lower(node, plan) {
    const { x, features, times, bias, state, units, rank, size, integer, limits } = read(node);
    const y = output(node);
    const product = inputProducts(plan, node, x, [{ w: features }], integer ? perTensor(node, x.x).zeroPoint : 0);
    if (!integer) {
      let w: Arg = times;
      if (times.dtype === 'int8') {
        const scale = times.quantization?.scale[0] ?? 1;
        w = plan.constant(Float32Array.from(plan.read(times) as Int8Array, (q) => scale * q));
      }
      plan.call('f32_svdf', [units, rank, size, product, state, w, bias ?? 0, y, ...limits], x.batch);
      activate(node, plan, y);
      return;
    }
    // The activation is not applied: TFLite's kernel leaves it to the output's range.
    const scale = ([...values]: (typeof y)[]) => values.map((value) => perTensor(node, value).scale);
    const [a, b, c] = scale([x.x, features, state]) as [number, number, number];
    const [d, e] = scale([times, y]) as [number, number];
    const first = quantizeMultiplier(fround(fround(a * b) / c));
    const second = quantizeMultiplier(fround(fround(c * d) / e));
    const scales = [first.multiplier, first.shift, second.multiplier, second.shift] as const;
    const { zeroPoint } = perTensor(node, y);
    plan.call('qs8_svdf', [units, rank, size, product, state, times, bias ?? 0, y, ...scales, zeroPoint], x.batch);
  },
  macs(node) {
    const { x, units, rank, size } = read(node);
    return x.batch * units * rank * (x.depth + size);
  },
});
