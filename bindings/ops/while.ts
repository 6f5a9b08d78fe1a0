import { invalid } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { checkCall, Loop } from './shared/calls.js';

export const whileOperator: Operator = {
  name: 'WHILE',
  stateful: true,

  infer(node, known) {
    const { condSubgraphIndex: condition, bodySubgraphIndex: body } = node.options;
    const [answer] = known.options.session.subgraph(condition).graph.outputs;
    if (answer?.dtype !== 'bool') throw invalid(node, `the condition is ${answer?.dtype}, not bool`);
    checkCall(node, known, condition, node.inputs, [answer]);
    checkCall(node, known, body, node.inputs, node.outputs);
    return known.suspend();
  },

  enter(site) {
    const { condSubgraphIndex, bodySubgraphIndex } = site.node.options;
    return new Loop(site, condSubgraphIndex, bodySubgraphIndex);
  },

  lower() {},
};
