import { roundAway } from '../../bindings/quantization.js';
import { affine, clampActivation, mapPairs } from './elementwise.js';
import { Rng } from './random.js';
import type { OpCase, OpSpec } from './spec.js';

/** ADD or SUB with its form for int16 of scales that are powers of two: one operand is shifted right, the sum saturates. */
export function withShifts(spec: OpSpec, sign: 1 | -1): OpSpec {
  const rng = new Rng(3);
  const word = (exponent: number, shape: readonly number[]) =>
    rng.tensor('int16', shape, { quantization: { scale: [2 ** exponent], zeroPoint: [0] } });
  const caseOf = (
    a: number,
    b: number,
    y: number,
    shapes: readonly [number[], number[]],
    activation: string,
  ): OpCase => ({
    name: `int16 of scales 2^${a} and 2^${b}`,
    options: { potScaleInt16: true, fusedActivationFunction: activation },
    inputs: [word(a, shapes[0]), word(b, shapes[1])],
    outputs: [{ dtype: 'int16', shape: [], quantization: { scale: [2 ** y], zeroPoint: [0] } }],
  });
  return {
    ...spec,
    cases: [
      ...spec.cases,
      caseOf(
        -15,
        -15,
        -15,
        [
          [3, 7],
          [3, 7],
        ],
        'NONE',
      ),
      caseOf(-13, -15, -13, [[2, 3, 9], [9]], 'RELU6'),
      caseOf(
        -12,
        -11,
        -11,
        [
          [1, 5],
          [4, 1],
        ],
        'RELU_N1_TO_1',
      ),
    ],
    reference(node) {
      // The option is set by default.
      const all = [...node.inputs.map((x) => x!), ...node.outputs];
      const shifts = all.every(
        ({ dtype, quantization: q }) => dtype === 'int16' && q && Number.isInteger(Math.log2(q.scale[0]!)),
      );
      if (!node.options.potScaleInt16 || !shifts) return spec.reference(node);
      const [p, q] = [affine(node.inputs[0]!), affine(node.inputs[1]!)];
      const y = affine({ ...node.outputs[0]!, dtype: 'int16' });
      return mapPairs(node, (a, b) => {
        const sum =
          roundAway(((a as number) * p.scale) / y.scale) + sign * roundAway(((b as number) * q.scale) / y.scale);
        return clampActivation(node.options.fusedActivationFunction, y, sum);
      });
    },
  };
}
