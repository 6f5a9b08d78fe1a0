// Lowerings that see some values of a node as others: of another type, in memory of the node.
import { typedArrayOf } from '../../dtype.js';
import { bytesOf, type ConstantData, type OpNode, type Value } from '../../graph/ir.js';
import type { Arg, Operator, PlanBuilder } from '../operator.js';
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
  return overridden(plan, { call, copy } as Partial<PlanBuilder>);
}

/** `plan` with other members in the place of some. */
export function overridden(plan: PlanBuilder, members: Partial<PlanBuilder>): PlanBuilder {
  return new Proxy(plan, {
    get(_, key: keyof PlanBuilder) {
      const member = members[key] ?? plan[key];
      return typeof member === 'function' && !(key in members) ? member.bind(plan) : member;
    },
  });
}

/** The node with other inputs and outputs. */
export function seenAs(node: OpNode, see: (value: Value) => Value): OpNode {
  return { ...node, inputs: node.inputs.map((value) => value && see(value)), outputs: node.outputs.map(see) };
}

/**
 * `operator`, whose lowerings read parameters at compile time, with ones that are computed: they end the plan's segment, as
 * values do that decide shapes, and the rest is compiled for what they are then. Few models have them.
 * @param isParameter of input `i`
 */
export function withComputedParameters(
  operator: Operator,
  isParameter: (node: OpNode, i: number) => boolean,
): Operator {
  const asConstants = (node: OpNode, constant: (value: Value) => ConstantData): OpNode => ({
    ...node,
    inputs: node.inputs.map((value, i) =>
      value && !value.constant && !value.isVariable && isParameter(node, i)
        ? { ...value, constant: constant(value) }
        : value,
    ),
  });
  const unread = (value: Value) => ({ id: '', address: 0, bytes: bytesOf(value) });
  return {
    ...operator,
    infer(node, known) {
      const seen = asConstants(node, (value) => {
        known.values(value);
        return unread(value);
      });
      return operator.infer(seen, known);
    },
    lower(node, plan) {
      const seen = asConstants(node, (value) => {
        const numbers = plan.values(value);
        const data = new (typedArrayOf(value.dtype))(numbers.length);
        data.set((data instanceof BigInt64Array ? numbers.map(BigInt) : numbers) as never);
        return { id: `computed:${value.id}`, address: plan.constant(data), bytes: data.byteLength };
      });
      // What is packed belongs to this plan: other values will have other plans.
      const packed = (_: string, bytes: number, fill: (address: number) => void) => {
        const address = plan.constant(new Uint8Array(bytes));
        fill(address);
        return address;
      };
      operator.lower(seen, seen.inputs.every((v, i) => v === node.inputs[i]) ? plan : overridden(plan, { packed }));
    },
    macs: operator.macs && ((node) => operator.macs!(asConstants(node, unread))),
  };
}

/** A constant of which the elements are computed when they are asked for, once a model. */
export function laterConstant(plan: PlanBuilder, id: string, bytes: number, fill: (address: number) => void) {
  let address: number | undefined;
  return {
    id,
    bytes,
    get address() {
      address ??= plan.packed(id, bytes, fill);
      return address;
    },
  };
}
