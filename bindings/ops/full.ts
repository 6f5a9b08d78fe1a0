// What compiles all models, whatever their operators: strings, variables, calls, shapes that depend on data.

import type { OpNode } from '../graph/ir.js';
import { Pins } from '../graph/pins.js';
import { stringAccess, stringsOf } from '../graph/strings.js';
import { rareForms } from '../model/rare.js';
import { LAYOUT, OPERATORS } from '../model/schema/generated/full-layout.js';
import { Variables } from '../runtime/variables.js';
import { SegmentedWalk } from '../runtime/walk.js';
import { customOps } from './custom-op.js';
import type { Operator } from './operator.js';
import type { Registry } from './registry.js';
import { customOperator } from './shared/custom-op.js';

function missing({ op, custom }: OpNode): string {
  if (!custom) return 'this builtin operator is not in the registry';
  if (/^Flex[A-Z]/.test(op)) {
    return (
      "one of TensorFlow's operators, which TFLite leaves to its Flex delegate, that is to TensorFlow itself. " +
      'lanelite/ops/extra has a few of them; otherwise convert the model without tf.lite.OpsSet.SELECT_TF_OPS, ' +
      'with TFLITE_BUILTINS as the only supported_ops, or write the operator: see registerCustomOp'
    );
  }
  return 'unknown custom operator; lanelite/ops/extra has some, and registerCustomOp takes those of your own, as does --operators FILE.js on the command line';
}

/** Those that `registerCustomOp` was given. */
export const customOperators = (): Operator[] => Array.from(customOps, ([name, op]) => customOperator(name, op));

export const fullCompiler: Omit<Registry, 'operators'> = {
  layout: LAYOUT,
  codes: OPERATORS,
  rare: rareForms,
  compiler: {
    walk: (start, resources, options) => new SegmentedWalk(start, resources, options),
    variables(graph, engine) {
      for (const value of graph.values) {
        const details = value.quantizationDetails;
        if (details && 'scales' in details) value.blocks = { ...details, scale: graph.values[details.scales] };
      }
      return new Variables(graph, engine);
    },
    pins(graph, addresses, resources, { session }) {
      stringsOf(resources).convert(graph, session);
      return new Pins(graph, addresses);
    },
    strings: stringAccess,
    missing,
  },
};
