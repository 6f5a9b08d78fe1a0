// The registry of a selective build (tools/build.ts): chosen operators whose kernels are there, and errors that say so.
import { unsupported } from '../graph/ir.js';
import type { Operator } from './operator.js';
import type { Registry } from './registry.js';

/** What `lanelite build` was given had no use for it. */
const MISSING = 'not in this selective build';

/** An operator that packs with a kernel which is not there, for a shape that nobody foresaw, says so. */
const guarded = (operator: Operator): Operator => ({
  ...operator,
  lower(node, plan) {
    try {
      operator.lower(node, plan);
    } catch (error) {
      throw error instanceof TypeError ? unsupported(node, `${MISSING}: ${error.message}`) : error;
    }
  },
});

/** @param others operators that may come later: those of `registerCustomOp` */
export function selective(registry: Registry, others: () => Operator[] = () => []): Registry {
  const chosen = registry.operators.map(guarded);
  return {
    ...registry,
    get operators() {
      return [...chosen, ...others()];
    },
    compiler: { ...registry.compiler, missing: () => MISSING },
  };
}
