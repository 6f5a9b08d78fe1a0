import { checkShape } from '../graph/ir.js';
import { windowReduction } from './shared/reduce-window.js';

/** What TFLite takes a body of one such operator for. */
const BODIES: Record<string, string> = {
  ADD: 'ADD',
  STABLEHLO_ADD: 'ADD',
  MUL: 'MUL',
  STABLEHLO_MULTIPLY: 'MUL',
  MINIMUM: 'MINIMUM',
  STABLEHLO_MINIMUM: 'MINIMUM',
  MAXIMUM: 'MAXIMUM',
  STABLEHLO_MAXIMUM: 'MAXIMUM',
  LOGICAL_AND: 'ALL',
  STABLEHLO_AND: 'ALL',
  LOGICAL_OR: 'ANY',
  STABLEHLO_OR: 'ANY',
};

/** The reduction is a subgraph, which is not run: its one operator says what is meant. */
export const stablehloReduceWindow = windowReduction(
  'STABLEHLO_REDUCE_WINDOW',
  (node, _, rank) => {
    const list = (name: string, fallback: number) => {
      const values = Array.from(node.options[name] ?? [], Number);
      const wanted = name === 'padding' ? 2 * rank : rank;
      checkShape(node, !values.length || values.length >= wanted, () => `${name} [${values}] for rank ${rank}`);
      return (i: number) => (values.length ? values[i]! : fallback);
    };
    const [window, stride] = [list('windowDimensions', 1), list('windowStrides', 1)];
    const [base, dilation, padding] = [list('baseDilations', 1), list('windowDilations', 1), list('padding', 0)];
    return Array.from({ length: rank }, (_, d) => ({
      window: window(d),
      stride: stride(d),
      dilation: dilation(d),
      base: base(d),
      low: padding(2 * d),
      high: padding(2 * d + 1),
    }));
  },
  ({ options }, known) => {
    const session = 'session' in known ? known.session : known.options.session;
    const { nodes } = session.subgraph(options.bodySubgraphIndex).graph;
    return nodes.length === 1 ? (BODIES[nodes[0]!.op] ?? '') : '';
  },
);
