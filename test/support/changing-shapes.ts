// What an operator's cases become when the shapes of their inputs change.
import { byteLength, type DType, elementCount, type TypedArray, typedArrayOf } from '../../bindings/dtype.js';
import type { Rng } from './random.js';
import type { OpCase, TensorSpec } from './spec.js';

type Shape = readonly number[];

/** So that references are quick. */
const MOST_ELEMENTS = 4000;

/** Whether a run begins with setting it: no constant, no variable, nothing that another node computes. */
export const isFed = (spec: TensorSpec | null): spec is TensorSpec => !!spec?.data && !spec.constant && !spec.variable;

/**
 * Elements of another shape: those there are, over and over, so that indices and the like keep to their range. Floats differ
 * from round to round, for where they are equal, the order in which an operator takes them shows.
 */
function refill(rng: Rng, { dtype, data }: TensorSpec, shape: Shape): TypedArray {
  const Elements = typedArrayOf(dtype);
  const result = new Elements(byteLength(dtype, elementCount(shape)) / Elements.BYTES_PER_ELEMENT);
  const { length } = data!;
  const from = result.length === length || !length ? 0 : rng.int(0, length - 1);
  for (let i = 0; i < result.length && length; i++) {
    const round = dtype === 'float32' ? 1 + Math.floor(i / length) / 256 : 1;
    const element = data![(from + i) % length]!;
    result[i] = round === 1 ? element : Number(element) * round;
  }
  return result;
}

/** Another shape for each input that may be fed, in the order of the inputs. */
type Change = (rng: Rng, shapes: readonly Shape[]) => Shape[];

/** Equal dimensions often belong together, so all of a size change at once. */
const changeSize =
  (sizes: readonly number[]): Change =>
  (rng, shapes) => {
    const all = shapes.flat();
    if (!all.length) return [...shapes];
    const [old, size] = [rng.pick(all), rng.pick(sizes)];
    return shapes.map((shape) => shape.map((d) => (d === old ? size : d)));
  };

/** One dimension of one input: legal where operands broadcast, or where nothing goes by it. */
const changeOne =
  (sizes: readonly number[]): Change =>
  (rng, shapes) => {
    if (!shapes.length) return [];
    const chosen = rng.int(0, shapes.length - 1);
    const at = rng.int(0, Math.max(0, shapes[chosen]!.length - 1));
    return shapes.map((shape, i) => (i === chosen ? shape.map((d, j) => (j === at ? rng.pick(sizes) : d)) : shape));
  };

/** More dimensions in front of the inputs that have most, up to a rank. */
const extend =
  (rank: number): Change =>
  (rng, shapes) => {
    const most = Math.max(0, ...shapes.map((shape) => shape.length));
    const more = Array.from({ length: rank - most }, () => rng.pick([1, 2]));
    return shapes.map((shape) => (shape.length === most ? [...more, ...shape.map((d) => Math.min(d, 3))] : shape));
  };

/** Fewer dimensions, from the front. */
const drop: Change = (_, shapes) => {
  const most = Math.max(0, ...shapes.map((shape) => shape.length));
  return shapes.map((shape) => (shape.length === most ? shape.slice(1) : shape));
};

const scalar: Change = (_, shapes) => shapes.map(() => []);

/** One operand a scalar, or of a single element. */
const single: Change = (rng, shapes) => {
  const chosen = rng.int(0, shapes.length - 1);
  return shapes.map((shape, i) => (i === chosen ? (rng.bool() ? [] : shape.map(() => 1)) : shape));
};

const CHANGES: readonly Change[] = [
  changeSize([1, 2, 3, 5, 8, 9]),
  changeSize([1, 2, 3, 4, 6, 16, 17]),
  changeSize([0]),
  changeOne([1, 2, 3, 4, 5, 8]),
  changeOne([0]),
  extend(4),
  extend(6),
  extend(7),
  drop,
  scalar,
  single,
];

/** Inputs that hold a shape may ask for any size. */
function asksForMuch(dtype: DType, shape: Shape, data: TypedArray): boolean {
  if (!/^int(32|64)$/.test(dtype) || shape.length !== 1) return false;
  let product = 1;
  for (const size of data) product *= Math.max(1, Math.abs(Number(size)));
  return data.length <= 17 && product > MOST_ELEMENTS;
}

/** Cases with the same operator, options and constants and other shapes, beginning and ending with the case itself. */
export function* changingShapes(rng: Rng, c: OpCase, count: number): Generator<OpCase> {
  yield c;
  const first = c.inputs.filter(isFed).map(({ shape }) => shape);
  let shapes: Shape[] = first;
  for (let i = 0; i < count && first.length; i++) {
    // From one change to the next, or from the beginning again.
    shapes = rng.pick(CHANGES)(rng, rng.bool() ? first : shapes);
    let next = 0;
    let much = shapes.some((shape) => elementCount(shape) > MOST_ELEMENTS);
    if (!much) {
      const inputs = c.inputs.map((spec) => {
        if (!isFed(spec)) return spec;
        const shape = shapes[next++]!;
        const data = refill(rng, spec, shape);
        much ||= asksForMuch(spec.dtype, shape, data);
        return { ...spec, shape, data };
      });
      if (!much) yield { ...c, inputs, name: `${c.name}, as ${shapes.map((shape) => `[${shape}]`).join(' ')}` };
    }
    if (much) shapes = first;
  }
  yield c;
}

/** The case with what tells shapes, axes and the like fed instead of stored; sparse tensors can only be stored. */
export function feedAll(c: OpCase): OpCase {
  const inputs = c.inputs.map((spec) => (spec?.constant && !spec.sparsity ? { ...spec, constant: false } : spec));
  return { ...c, inputs, name: `${c.name}, all fed` };
}
