import { branching } from './shared/calls.js';

/** An index outside the branches takes the last one. */
export const stablehloCase = branching('STABLEHLO_CASE', 'int32', ({ branchSubgraphIndices: subgraphs }) => ({
  subgraphs,
  choose: (index) => subgraphs[index] ?? subgraphs.at(-1),
}));
