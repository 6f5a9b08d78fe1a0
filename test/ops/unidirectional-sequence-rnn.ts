import { Rng } from '../support/random.js';
import { RNN_FORMS, recurrentTolerance, rnnCase, rnnReference } from '../support/rnn.js';
import type { OpSpec } from '../support/spec.js';

export default {
  op: 'UNIDIRECTIONAL_SEQUENCE_RNN',
  reference: rnnReference,
  cases: RNN_FORMS.flatMap((form) => [
    rnnCase(new Rng(1), form, [1, 9, 8], 32),
    rnnCase(new Rng(2), form, [3, 4, 5], 7, { activation: 'RELU6' }),
    rnnCase(new Rng(3), form, [3, 4, 5], 9, { timeMajor: true }),
  ]),
  random: (rng) =>
    rnnCase(rng, rng.pick(RNN_FORMS), [rng.int(1, 4), rng.int(1, 5), rng.dim()], rng.dim(), {
      activation: rng.pick(['TANH', 'TANH', 'RELU', 'RELU6']),
      timeMajor: rng.bool(),
    }),
  tolerance: recurrentTolerance,
} as OpSpec;
