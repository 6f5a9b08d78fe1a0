import { FORMS, lstmCase, lstmReference, lstmTolerance, randomVariant, VARIANTS } from '../support/lstm.js';
import { Rng } from '../support/random.js';
import type { OpSpec } from '../support/spec.js';

const DIAGONAL = { diagonalRecurrentTensors: true };

export default {
  op: 'UNIDIRECTIONAL_SEQUENCE_LSTM',
  reference: lstmReference,
  cases: [
    lstmCase(new Rng(9), 'float', [2, 4, 5], 9, { diagonal: true }, DIAGONAL),
    lstmCase(new Rng(11), 'float', [2, 3, 8], 6, { activation: 'SIGN_BIT' }),
    lstmCase(new Rng(10), 'float', [2, 3, 8], 16, { diagonal: true, cifg: true, peephole: true, norm: true }, DIAGONAL),
    lstmCase(new Rng(12), 'hybrid', [2, 4, 5], 9, { diagonal: true }, DIAGONAL),
    lstmCase(new Rng(13), 'hybrid, asymmetric', [3, 2, 8], 6, { diagonal: true, peephole: true, norm: true }, DIAGONAL),
    ...FORMS.flatMap((form) => [
      ...VARIANTS.map((variant, i) => lstmCase(new Rng(i), form, [2, 3, 5], 9, variant)),
      lstmCase(new Rng(7), form, [1, 6, 8], 32),
      lstmCase(new Rng(8), form, [4, 3, 5], 16, { timeMajor: true }),
    ]),
  ],
  random(rng) {
    const form = rng.pick(FORMS);
    const shape = [rng.int(1, 4), rng.int(1, 4), rng.dim()];
    return lstmCase(rng, form, shape, rng.dim(), { ...randomVariant(rng, form), timeMajor: rng.bool() });
  },
  tolerance: lstmTolerance,
} as OpSpec;
