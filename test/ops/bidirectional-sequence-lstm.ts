import { AUX, type Aux, mergeRuns } from '../support/bidirectional.js';
import {
  cellInputs,
  cellOf,
  type Form,
  lstmTolerance,
  randomVariant,
  runFloat,
  states,
  type Variant,
  weightType,
} from '../support/lstm.js';
import { Rng } from '../support/random.js';
import { weights } from '../support/recurrent.js';
import type { OpCase, OpSpec, ReferenceNode, ReferenceResult, TensorSpec } from '../support/spec.js';

function reference({ inputs, options }: ReferenceNode): ReferenceResult[] {
  const [x, aux] = [inputs[0]!, inputs[39]!];
  const crossed = aux && inputs[41] ? aux : null;
  const auxOf = (at: number) => crossed && { x: crossed, weights: inputs.slice(at, at + 4) };
  const timeMajor = !!options.timeMajor;
  const forward = runFloat(options, x, { ...cellOf(inputs, 1, 35, 48), aux: auxOf(40) }, timeMajor);
  const second = aux && !crossed ? aux : x;
  const backward = runFloat(options, second, { ...cellOf(inputs, 18, 37, 48), aux: auxOf(44) }, timeMajor, true);
  return [...mergeRuns(options, x, forward, backward), ...[forward.state, forward.cell, backward.state, backward.cell]];
}

function caseOf(
  rng: Rng,
  form: Form,
  shape: readonly [number, number, number],
  [n, m]: readonly [number, number],
  variant: Variant,
  { aux = 'none' as Aux, mergeOutputs = false } = {},
): OpCase {
  const k = shape[2];
  const { timeMajor = false, activation = 'TANH', cellClip = 0, projClip = 0, projection, cifg } = variant;
  const batch = timeMajor ? shape[1] : shape[0];
  const input = (depth: number): TensorSpec => {
    const s = [shape[0], shape[1], depth];
    return { dtype: 'float32', shape: s, data: rng.data('float32', s, 1) };
  };
  const more = (units: number) =>
    [0, 1, 2, 3].map((g) => {
      return aux === 'both' && !(g === 0 && cifg) ? weights(rng, weightType(form), [units, 5]) : null;
    });
  return {
    name: `${form} [${shape}] to ${n}, ${m}, aux ${aux}${mergeOutputs ? ', merged' : ''}, ${JSON.stringify(variant)}`,
    options: {
      fusedActivationFunction: activation,
      cellClip,
      projClip,
      timeMajor,
      mergeOutputs,
      asymmetricQuantizeInputs: form === 'hybrid, asymmetric',
    },
    inputs: [
      input(k),
      ...cellInputs(rng, form, k, n, variant),
      ...cellInputs(rng, form, k, m, variant),
      ...states(rng, form, batch, n, projection || n),
      ...states(rng, form, batch, m, projection || m),
      aux === 'none' ? null : input(aux === 'both' ? 5 : k),
      ...more(n),
      ...more(m),
    ],
    outputs: Array.from({ length: mergeOutputs ? 1 : 2 }, () => ({ dtype: 'float32' as const, shape: [] })),
  };
}

const FLOATS = ['float', 'hybrid', 'hybrid, asymmetric'] as const;

export default {
  op: 'BIDIRECTIONAL_SEQUENCE_LSTM',
  reference,
  cases: FLOATS.flatMap((form) => [
    caseOf(new Rng(1), form, [2, 3, 5], [4, 9], {}),
    caseOf(new Rng(2), form, [2, 3, 5], [16, 7], { peephole: true, timeMajor: true }, { mergeOutputs: true }),
    caseOf(new Rng(3), form, [3, 2, 5], [8, 8], { cifg: true, cellClip: 0.5 }, { aux: 'backward', mergeOutputs: true }),
    caseOf(new Rng(4), form, [2, 3, 5], [6, 6], { projection: 3, projClip: 0.3 }, { aux: 'both' }),
  ]),
  random(rng) {
    const form = rng.pick(FLOATS);
    const variant = { ...randomVariant(rng, form), norm: false, timeMajor: rng.bool() };
    const shape = [rng.int(1, 3), rng.int(1, 4), rng.dim()] as const;
    return caseOf(rng, form, shape, [rng.dim(), rng.dim()], variant, { aux: rng.pick(AUX), mergeOutputs: rng.bool() });
  },
  tolerance: lstmTolerance,
} as OpSpec;
