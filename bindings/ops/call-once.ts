import type { Session } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { checkCall, runOnce } from './shared/calls.js';

const done = new WeakMap<Session, Set<number>>();

/** Runs a subgraph that initializes resources the first time that an interpreter comes by: when it compiles the call. */
export const callOnce: Operator = {
  name: 'CALL_ONCE',

  infer(node, known) {
    const { session } = known.options;
    const subgraph = node.options.initSubgraphIndex;
    const ran = done.get(session) ?? new Set();
    done.set(session, ran);
    if (ran.has(subgraph)) return [];
    checkCall(node, known, subgraph, node.inputs, node.outputs);
    ran.add(subgraph);
    try {
      runOnce(node, known, subgraph);
    } catch (error) {
      ran.delete(subgraph);
      throw error;
    }
    return [];
  },

  lower() {},
};
