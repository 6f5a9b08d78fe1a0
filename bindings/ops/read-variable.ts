import { bytesOf, input, invalid, output } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { between, resource, resourceAt, resourcesOf } from './shared/resources.js';

/** The output is the variable itself, unless that is assigned while the output is still wanted. */
export const readVariable: Operator = {
  name: 'READ_VARIABLE',

  infer(node, known) {
    const { id, resources } = resource(node, known);
    const y = output(node);
    const variable = resources.variables.get(id);
    // It may be assigned by what runs before.
    if (!variable) return known.suspend();
    if (y.dtype !== variable.dtype) throw invalid(node, `the variable is ${variable.dtype}, not ${y.dtype}`);
    node.inputs[1] = known.pins!.hold({ ...y, id: -1, shape: variable.shape }, variable.region.address);
    return [variable.shape];
  },

  enter(site) {
    return between(() => {
      const { variables } = resourcesOf(site.options.session);
      if (!variables.has(resourceAt(site))) throw invalid(site.node, 'the variable was never assigned');
    });
  },

  aliases: (node) => [{ inner: output(node), outer: input(node, 1), offset: 0 }],

  lower(node, plan) {
    plan.copy(output(node), input(node, 1), bytesOf(output(node)));
  },
};
