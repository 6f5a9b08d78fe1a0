import { type TypedArray, typedArrayOf } from '../dtype.js';
import { badShape, checkShape, input, invalid, type OpNode, output, unsupported } from '../graph/ir.js';
import { hostOperator } from './shared/host.js';
import { lowerMove } from './shared/strided-copy.js';
import { typedAs } from './shared/typed.js';

type Limits = readonly (number | bigint)[];

const host = hostOperator({
  name: 'RANGE',
  shapes: ({ node, inputs }) => [
    [
      size(
        node,
        inputs.map((x) => x!.data[0]!),
      ),
    ],
  ],
  run({ node, inputs }) {
    const data = range(
      node,
      inputs.map((x) => x!.data[0]!),
    );
    return [{ shape: [data.length], data }];
  },
});

/** From input 0 to input 1, which is left out, by steps of input 2. A part of the plan if they are constant. */
export const rangeOperator = typedAs(0, {
  ...host,

  infer(node, known) {
    const inputs = [0, 1, 2].map((i) => input(node, i));
    const { dtype } = output(node);
    if (!['float32', 'int32', 'int64'].includes(dtype)) throw unsupported(node, `type ${dtype}`);
    for (const x of inputs) {
      if (x.dtype !== dtype) throw invalid(node, `from ${dtype}, but limit or step ${x.dtype}`);
      checkShape(node, x.shape.length === 0, () => `[${x.shape}] is no scalar`);
    }
    if (inputs.some((x) => !x.constant)) return known.suspend();
    const limits = inputs.map((x) => known.values(x)[0]!);
    // Larger integers are not exact as numbers.
    if (dtype === 'int64' && !limits.every(Number.isSafeInteger)) return known.suspend();
    return [[size(node, limits)]];
  },

  lower(node, plan) {
    const data = range(
      node,
      node.inputs.map((x) => plan.read(x!)[0]!),
    );
    lowerMove(plan, { from: data, to: output(node), axes: [[data.length, 1, 1]] });
  },
});

function size(node: OpNode, limits: Limits): number {
  const [start, limit, delta] = limits;
  const forwards = delta! > 0 && start! <= limit!;
  const backwards = delta! < 0 && start! >= limit!;
  if (!forwards && !backwards) throw invalid(node, `no range from ${start} to ${limit} by ${delta}`);
  const n = output(node).dtype === 'float32' ? floatSteps(limits.map(Number)) : integerSteps(limits.map(BigInt));
  if (!(n < 2 ** 31)) throw badShape(node, `${n} elements from ${start} to ${limit} by ${delta}`);
  return n;
}

const floatSteps = ([start, limit, delta]: number[]) =>
  Math.ceil(Math.abs(Math.fround(Math.fround(limit! - start!) / delta!)));

function integerSteps([start, limit, delta]: bigint[]): number {
  const [distance, step] = delta! > 0n ? [limit! - start!, delta!] : [start! - limit!, -delta!];
  return Number((distance + step - 1n) / step);
}

function range(node: OpNode, limits: Limits): TypedArray {
  const data = new (typedArrayOf(output(node).dtype))(size(node, limits));
  const step = limits[2] as number;
  // Sums of what the array rounded.
  for (let i = 0; i < data.length; i++) data[i] = i === 0 ? limits[0]! : (data[i - 1] as number) + step;
  return data;
}
