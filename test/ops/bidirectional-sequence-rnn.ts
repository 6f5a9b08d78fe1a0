import { AUX, type Aux, mergeRuns } from '../support/bidirectional.js';
import { Rng } from '../support/random.js';
import { weights } from '../support/recurrent.js';
import { RNN_FORMS, type RnnForm, recurrentTolerance, rnnCell, runRnn, weightType } from '../support/rnn.js';
import type { OpCase, OpSpec, ReferenceNode, ReferenceResult, TensorSpec } from '../support/spec.js';

function reference({ inputs, options }: ReferenceNode): ReferenceResult[] {
  const [x, aux] = [inputs[0]!, inputs[9]!];
  const [forwardWeights, backwardWeights] = [inputs[10]!, inputs[11]!];
  const forward = runRnn(options, x, inputs.slice(1, 5), { aux, auxWeights: forwardWeights });
  const second = aux && !forwardWeights ? aux : x;
  const backward = runRnn(options, second, inputs.slice(5, 9), { backward: true, aux, auxWeights: backwardWeights });
  return [
    ...mergeRuns(options, x, forward, backward),
    { shape: inputs[4]!.shape, data: forward.state },
    { shape: inputs[8]!.shape, data: backward.state },
  ];
}

function caseOf(
  rng: Rng,
  form: RnnForm,
  shape: readonly [number, number, number],
  [n, m]: readonly [number, number],
  { aux = 'none' as Aux, timeMajor = false, mergeOutputs = false } = {},
): OpCase {
  const k = shape[2];
  const batch = timeMajor ? shape[1] : shape[0];
  const auxShape = [shape[0], shape[1], aux === 'both' ? 5 : k];
  const input = (s: readonly number[]): TensorSpec => ({ dtype: 'float32', shape: s, data: rng.data('float32', s, 1) });
  const more = (units: number) => (aux === 'both' ? weights(rng, weightType(form), [units, 5]) : null);
  return {
    name: `${form.hybrid ? 'hybrid' : 'float'} [${shape}] to ${n}, ${m}, aux ${aux}${mergeOutputs ? ', merged' : ''}`,
    options: {
      fusedActivationFunction: 'TANH',
      timeMajor,
      mergeOutputs,
      asymmetricQuantizeInputs: !!form.asymmetric,
    },
    inputs: [
      input(shape),
      ...rnnCell(rng, form, batch, k, n),
      ...rnnCell(rng, form, batch, k, m),
      aux === 'none' ? null : input(auxShape),
      more(n),
      more(m),
    ],
    outputs: Array.from({ length: mergeOutputs ? 1 : 2 }, () => ({ dtype: 'float32' as const, shape: [] })),
  };
}

export default {
  op: 'BIDIRECTIONAL_SEQUENCE_RNN',
  reference,
  cases: RNN_FORMS.flatMap((form) => [
    caseOf(new Rng(1), form, [2, 3, 8], [16, 9]),
    caseOf(new Rng(2), form, [3, 2, 5], [4, 7], { mergeOutputs: true, timeMajor: true, aux: 'backward' }),
    caseOf(new Rng(3), form, [3, 4, 5], [6, 32], { mergeOutputs: true, aux: 'both' }),
  ]),
  random: (rng) =>
    caseOf(rng, rng.pick(RNN_FORMS), [rng.int(1, 3), rng.int(1, 4), rng.dim()], [rng.dim(), rng.dim()], {
      aux: rng.pick(AUX),
      timeMajor: rng.bool(),
      mergeOutputs: rng.bool(),
    }),
  tolerance: recurrentTolerance,
} as OpSpec;
