import { element, movable, position, smallShape, tensorOf, unchanged } from './moving.js';
import { Rng } from './random.js';
import type { OpCase, OpSpec, ReferenceTensor, TensorSpec } from './spec.js';

/** The element that an index of the output reads, dimensions of size 1 being stretched. */
function stretched(x: ReferenceTensor, index: readonly number[]): number[] {
  return x.shape.map((n, d) => (n === 1 ? 0 : index[index.length - x.shape.length + d]!));
}

const caseOf = (condition: TensorSpec, a: TensorSpec, b: TensorSpec): OpCase => ({
  name: `${a.dtype} [${condition.shape}] ? [${a.shape}] : [${b.shape}]`,
  inputs: [condition, a, b],
  outputs: [{ dtype: a.dtype, shape: [] }],
});

function some(rng: Rng, condition: readonly number[], a: readonly number[], b = a): OpCase {
  const x = movable(rng, a);
  return caseOf(rng.tensor('bool', condition), x, rng.tensor(x.dtype, b));
}

/** condition ? a : b, of which all stretch, or (the old form) only a condition that chooses whole slices. */
export function selecting(op: string, broadcasts: boolean): OpSpec {
  const rng = new Rng(8);
  return {
    op,
    tolerance: unchanged,
    reference({ inputs }) {
      const [condition, a, b] = inputs as ReferenceTensor[];
      const slices = !broadcasts && condition!.shape.length === 1 && a!.shape.length > 1;
      const c = slices
        ? { ...condition!, shape: [...condition!.shape, ...a!.shape.slice(1).map(() => 1)] }
        : condition!;
      const rank = Math.max(...[c, a!, b!].map(({ shape }) => shape.length));
      const shape = Array.from({ length: rank }, (_, d) => {
        const sizes = [c, a!, b!].map((x) => x.shape[d - rank + x.shape.length] ?? 1);
        return sizes.find((n) => n !== 1) ?? 1;
      });
      return [
        tensorOf(a!.dtype, shape, (index) => {
          const chosen = c.data[position(c.shape, stretched(c, index))] ? a! : b!;
          return element(chosen, stretched(chosen, index));
        }),
      ];
    },
    cases: [
      some(rng, [], [2, 3]),
      some(rng, [17], [17]),
      some(rng, [4], broadcasts ? [2, 4] : [4, 3]),
      some(rng, [0], [0]),
      some(rng, [], []),
      ...(broadcasts
        ? [some(rng, [4, 1, 1], [1, 3, 1], [1, 1, 17]), some(rng, [1, 1], [300], []), some(rng, [3, 1], [3, 4], [4])]
        : []),
    ],
    random(rng) {
      const shape = smallShape(rng, rng.int(1, 4));
      const thin = () => shape.map((n) => (rng.bool(0.3) ? 1 : n)).slice(rng.int(0, shape.length - 1));
      if (broadcasts) return some(rng, thin(), rng.bool() ? shape : thin(), rng.bool() ? shape : thin());
      return some(rng, rng.pick([[], shape, shape.slice(0, 1)]), shape);
    },
  };
}
