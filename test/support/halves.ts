import { floatToHalf, halfToFloat } from '../../bindings/half.js';
import type { OpSpec } from './spec.js';

/** A reference of floats, for float16: computed in float32, rounded at the end; integer weights meet asymmetric activations. */
export function withHalves(reference: OpSpec['reference']): OpSpec['reference'] {
  return (node) => {
    if (node.outputs[0]!.dtype !== 'float16') return reference(node);
    const results = reference({
      ...node,
      options: { ...node.options, asymmetricQuantizeInputs: true },
      inputs: node.inputs.map((value) =>
        value?.dtype === 'float16'
          ? { ...value, dtype: 'float32', data: Float32Array.from(value.data as Uint16Array, halfToFloat) }
          : value,
      ),
      outputs: node.outputs.map((value) => ({ ...value, dtype: 'float32' })),
    });
    return results.map(({ shape, data }) => ({ shape, data: Uint16Array.from(data as Float32Array, floatToHalf) }));
  };
}

/** A tolerance of floats, for outputs that are rounded to float16, too. */
export function halvesTolerance(tolerance: NonNullable<OpSpec['tolerance']>): NonNullable<OpSpec['tolerance']> {
  return (c) => {
    if (c.outputs[0]!.dtype !== 'float16') return tolerance(c);
    const { rtol = 0, atol = 0 } = tolerance(c);
    return { rtol: rtol + 1e-3, atol: atol + 1e-6 };
  };
}
