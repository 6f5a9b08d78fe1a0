import { Rng } from '../support/random.js';
import { RNN_FORMS, recurrentTolerance, rnnCase, rnnReference } from '../support/rnn.js';
import type { OpSpec } from '../support/spec.js';

export default {
  op: 'RNN',
  reference: rnnReference,
  cases: RNN_FORMS.flatMap((form) => [
    rnnCase(new Rng(1), form, [1, null, 8], 16),
    rnnCase(new Rng(2), form, [3, null, 5], 7, { activation: 'RELU' }),
    rnnCase(new Rng(3), form, [2, null, 3], 33, { activation: 'NONE' }),
    rnnCase(new Rng(4), form, [2, null, 5], 11, { activation: 'SIGN_BIT' }),
  ]),
  random: (rng) => rnnCase(rng, rng.pick(RNN_FORMS), [rng.int(1, 4), null, rng.dim()], rng.dim()),
  tolerance: recurrentTolerance,
} as OpSpec;
