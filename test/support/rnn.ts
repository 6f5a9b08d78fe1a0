// The plain recurrent cell: h = act(W x + R h + b), step by step.
import type { OperatorOptions } from '../../bindings/model/model.js';
import type { Rng } from './random.js';
import { applyActivation, floatState, floats, multiplyRow, rowsOf, slice, type Tensor, weights } from './recurrent.js';
import type { OpCase, ReferenceNode, ReferenceResult, ReferenceTensor, TensorSpec } from './spec.js';

/**
 * One cell over a sequence.
 * @param cell weights, recurrent weights, bias, state
 * @returns outputs by [row of the sequence], and the state afterwards
 */
export function runRnn(
  options: OperatorOptions,
  x: ReferenceTensor,
  cell: readonly Tensor[],
  { backward = false, aux = null as Tensor, auxWeights = null as Tensor } = {},
): { rows: number[][]; n: number; state: Float32Array } {
  const [w, r, bias, initial] = cell as [ReferenceTensor, ReferenceTensor, ReferenceTensor, ReferenceTensor];
  const n = w.shape[0]!;
  const { steps, batch, row, index } = rowsOf(x, !!options.timeMajor);
  const state = Float32Array.from(initial.data as Float32Array);
  const rows: number[][] = [];
  for (let s = 0; s < steps; s++) {
    const t = backward ? steps - 1 - s : s;
    for (let b = 0; b < batch; b++) {
      const h = Array.from(state.subarray(b * n, (b + 1) * n));
      const parts = [multiplyRow(row(t, b), w, options), multiplyRow(h, r, options)];
      if (aux && auxWeights) {
        parts.push(multiplyRow(slice(aux, index(t, b), aux.shape.at(-1)!), auxWeights, options));
      }
      const next = h.map((_, i) => {
        const sum = parts.reduce((z, part) => z + part[i]!, bias.data[i] as number);
        return Math.fround(applyActivation(options.fusedActivationFunction, sum));
      });
      state.set(next, b * n);
      rows[index(t, b)] = next;
    }
  }
  return { rows, n, state };
}

export function rnnReference({ inputs, options }: ReferenceNode): ReferenceResult[] {
  const x = inputs[0]!;
  const { rows, n, state } = runRnn(options, x, inputs.slice(1, 5));
  return [
    { shape: [...x.shape.slice(0, -1), n], data: Float32Array.from(rows.flat()) },
    { shape: inputs[4]!.shape, data: state },
  ];
}

export interface RnnForm {
  readonly hybrid: boolean;
  /** What its weights are called. */
  readonly unsigned?: boolean;
  readonly asymmetric?: boolean;
}

export const RNN_FORMS: readonly RnnForm[] = [
  { hybrid: false },
  { hybrid: true },
  { hybrid: true, asymmetric: true },
  { hybrid: true, unsigned: true },
];

export function weightType({ hybrid, unsigned }: RnnForm): 'float32' | 'int8' | 'uint8' {
  return unsigned ? 'uint8' : hybrid ? 'int8' : 'float32';
}

/** Weights, recurrent weights, bias and state of one cell. */
export function rnnCell(rng: Rng, form: RnnForm, batch: number, k: number, n: number): TensorSpec[] {
  const dtype = weightType(form);
  return [weights(rng, dtype, [n, k]), weights(rng, dtype, [n, n]), floats(rng, [n], 0.5), floatState(rng, [batch, n])];
}

export function rnnCase(
  rng: Rng,
  form: RnnForm,
  [first, second, k]: readonly [number, number | null, number],
  n: number,
  { activation = 'TANH', timeMajor = false } = {},
): OpCase {
  const shape = second === null ? [first, k] : [first, second, k];
  const batch = timeMajor ? second! : first;
  return {
    name: `${form.hybrid ? `hybrid ${form.asymmetric ? 'asymmetric ' : ''}${form.unsigned ? 'uint8 ' : ''}` : ''}[${shape}] to ${n}, ${activation}`,
    options: {
      fusedActivationFunction: activation,
      ...(timeMajor && { timeMajor }),
      asymmetricQuantizeInputs: !!form.asymmetric,
    },
    inputs: [{ dtype: 'float32', shape, data: rng.data('float32', shape, 1) }, ...rnnCell(rng, form, batch, k, n)],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

/** In hybrid cells, a difference in the last bit of a float may become one of a quantum of the next step's state. */
export const recurrentTolerance = ({ inputs }: OpCase) => ({
  atol: inputs.some((x) => x && /int8/.test(x.dtype)) ? 5e-3 : 1e-5,
});
