import type { OpSpec } from '../support/spec.js';

export default {
  op: 'LOGICAL_NOT',
  cases: [],
  reference({ inputs: [x] }) {
    return [{ shape: x!.shape, data: Uint8Array.from(x!.data as Uint8Array, (v) => (v ? 0 : 1)) }];
  },
  random(rng) {
    const shape = [rng.dim(), rng.int(0, 3)];
    return { name: 'random', inputs: [rng.tensor('bool', shape)], outputs: [{ dtype: 'bool', shape }] };
  },
} satisfies OpSpec;
