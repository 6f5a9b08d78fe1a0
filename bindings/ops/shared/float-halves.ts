import { count, type OpNode, type Value } from '../../graph/ir.js';
import type { Arg, Operator, PlanBuilder } from '../operator.js';
import { convert, converted } from './convert.js';
import { laterConstant, seenAs, withPlaces } from './stand-ins.js';

const isHalf = (value: Value | null | undefined): value is Value => value?.dtype === 'float16';

/** From float16, or bytes. */
const givesHalves = ({ inputs: [x], outputs: [y] }: OpNode) => isHalf(y) && x?.dtype !== 'float32';

/** What meets integer weights is quantized asymmetrically: so does XNNPACK, which alone takes float16 here. */
function inFloats(node: OpNode, see: (value: Value) => Value): OpNode {
  const seen = seenAs(node, (value) => (isHalf(value) ? see(value) : value));
  return { ...seen, options: { ...seen.options, asymmetricQuantizeInputs: true } };
}

/** `operator`, and its forms of float32 with float16: computed in float32, and rounded at the end. */
export function withHalves(operator: Operator): Operator {
  const see = (value: Value): Value => ({ ...value, dtype: 'float32' });

  function lower(node: OpNode, plan: PlanBuilder): void {
    const places = new Map<Value, Arg>();
    const floats = inFloats(node, (value) => {
      const seen = see(value);
      const { constant } = value;
      // Outputs of a node that is folded are constants, too: those that this computes.
      const isOutput = node.outputs.includes(value);
      if (constant && !isOutput) {
        const to = laterConstant(plan, `floats:${constant.id}`, 4 * count(value), (address) => {
          plan.kernels.f16_f32_convert(constant.address, address, 0, count(value));
        });
        return { ...seen, constant: to };
      }
      places.set(seen, isOutput ? plan.temporary(4 * count(value) + 16) : converted(plan, value, 'float32'));
      return seen;
    });
    operator.lower(floats, withPlaces(plan, places));
    const y = node.outputs[0]!;
    convert(plan, places.get(floats.outputs[0]!)!, 'float32', y, 'float16', count(y));
  }

  return {
    ...operator,
    infer: (node, known) => operator.infer(givesHalves(node) ? inFloats(node, see) : node, known),
    lower: (node, plan) => (givesHalves(node) ? lower : operator.lower)(node, plan),
  };
}
