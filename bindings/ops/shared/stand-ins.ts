// Lowerings that see some values of a node as others: of another type, in memory of the node.
import type { OpNode, Value } from '../../graph/ir.js';
import type { Arg, PlanBuilder } from '../operator.js';
import { past } from './gemm.js';

/** `plan` for a lowering that sees other values in the place of some: these lie where `places` says. */
export function withPlaces(plan: PlanBuilder, places: ReadonlyMap<Value, Arg>): PlanBuilder {
  const placed = (arg: Arg): Arg => {
    if (typeof arg === 'number' || 'scratch' in arg) return arg;
    const [value, offset] = 'value' in arg ? [arg.value, arg.offset] : [arg, 0];
    const to = 'scratch' in value ? undefined : places.get(value);
    if (to === undefined) return arg;
    return offset ? past(to, offset) : to;
  };
  const call = (kernel: 'x8_copy', args: readonly Arg[], units: number) => {
    plan.call(kernel, args.map(placed) as [Arg, Arg], units);
  };
  const copy = (to: Arg, from: Arg, bytes: number) => call('x8_copy', [from, to], bytes);
  return new Proxy(plan, {
    get(_, key: keyof PlanBuilder) {
      if (key === 'call') return call;
      if (key === 'copy') return copy;
      const member = plan[key];
      return typeof member === 'function' ? member.bind(plan) : member;
    },
  });
}

/** The node with other inputs and outputs. */
export function seenAs(node: OpNode, see: (value: Value) => Value): OpNode {
  return { ...node, inputs: node.inputs.map((value) => value && see(value)), outputs: node.outputs.map(see) };
}

/** A constant of which the elements are computed when they are asked for, once a model. */
export function laterConstant(plan: PlanBuilder, id: string, bytes: number, fill: (address: number) => void) {
  return {
    id,
    bytes,
    get address() {
      return plan.packed(id, bytes, fill);
    },
  };
}
