import { FORMS, lstmCase, lstmReference, lstmTolerance, randomVariant, VARIANTS } from '../support/lstm.js';
import { Rng } from '../support/random.js';
import type { OpSpec } from '../support/spec.js';

const DIAGONAL = { diagonalRecurrentTensors: true };
const ALL = [0, 1, 2, 3];

export default {
  op: 'UNIDIRECTIONAL_SEQUENCE_LSTM',
  reference: lstmReference,
  cases: [
    lstmCase(new Rng(9), 'float', [2, 4, 5], 9, { diagonal: ALL }, DIAGONAL),
    lstmCase(new Rng(11), 'float', [2, 3, 8], 6, { activation: 'SIGN_BIT' }),
    lstmCase(new Rng(10), 'float', [2, 3, 8], 16, { diagonal: ALL, cifg: true, peephole: true, norm: true }, DIAGONAL),
    lstmCase(new Rng(12), 'hybrid', [2, 4, 5], 9, { diagonal: ALL }, DIAGONAL),
    lstmCase(new Rng(13), 'hybrid, asymmetric', [3, 2, 8], 6, { diagonal: ALL, peephole: true, norm: true }, DIAGONAL),
    ...(['float', 'hybrid', 'hybrid, asymmetric'] as const).flatMap((form) => [
      lstmCase(new Rng(14), form, [2, 4, 5], 9, { diagonal: [1, 2] }, DIAGONAL),
      lstmCase(new Rng(15), form, [3, 3, 6], 16, { diagonal: [3], cifg: true, timeMajor: true }, DIAGONAL),
      lstmCase(new Rng(16), form, [2, 3, 5], 7, { diagonal: ALL, projection: 7, projClip: 0.3 }, DIAGONAL),
      // Beyond the cells, a diagonal is zero.
      lstmCase(new Rng(17), form, [2, 3, 5], 6, { diagonal: [0, 1], projection: 10 }, DIAGONAL),
    ]),
    ...FORMS.flatMap((form) => [
      ...VARIANTS.map((variant, i) => lstmCase(new Rng(i), form, [2, 3, 5], 9, variant)),
      lstmCase(new Rng(7), form, [1, 6, 8], 32),
      lstmCase(new Rng(8), form, [4, 3, 5], 16, { timeMajor: true }),
    ]),
  ],
  random(rng) {
    const form = rng.pick(FORMS);
    const shape = [rng.int(1, 4), rng.int(1, 4), rng.dim()];
    const [n, variant] = [rng.dim(), randomVariant(rng, form)];
    const diagonal = form !== 'integer' && !variant.projection ? ALL.filter(() => rng.bool(0.2)) : [];
    return lstmCase(rng, form, shape, n, { ...variant, diagonal, timeMajor: rng.bool() });
  },
  tolerance: lstmTolerance,
} as OpSpec;
