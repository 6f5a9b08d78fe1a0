import { branching } from './shared/calls.js';

export const ifOperator = branching('IF', 'bool', ({ thenSubgraphIndex: yes, elseSubgraphIndex: no }) => ({
  subgraphs: [yes, no],
  choose: (condition) => (condition ? yes : no),
}));
