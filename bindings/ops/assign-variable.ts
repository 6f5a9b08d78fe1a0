import { bytesOf, input, output } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { between, resource, resourceAt, resourcesOf } from './shared/resources.js';

/** Whoever computes the value writes it into the variable, if nobody wants the old one any more. */
export const assignVariable: Operator = {
  name: 'ASSIGN_VARIABLE',
  stateful: true,

  infer(node, known) {
    const { id, resources } = resource(node, known);
    const x = input(node, 1);
    let variable = resources.variables.get(id);
    const changes = variable && (variable.dtype !== x.dtype || `${variable.shape}` !== `${x.shape}`);
    // Up to here, the old shape is the right one.
    if (changes) return known.suspend();
    variable ??= resources.declare(id, x.dtype, x.shape, known.resources.engine);
    node.outputs = [known.pins!.pin({ ...x, id: -1 }, variable.region.address)];
    return [variable.shape];
  },

  /** For a value of another shape, other room. */
  enter(site) {
    const { dtype, shape } = input(site.node, 1);
    return between(() => {
      resourcesOf(site.options.session).declare(resourceAt(site), dtype, shape, site.resources.engine);
    });
  },

  aliases: (node) => [{ inner: input(node, 1), outer: output(node), offset: 0 }],

  lower(node, plan) {
    plan.copy(output(node), input(node, 1), bytesOf(output(node)));
  },
};
