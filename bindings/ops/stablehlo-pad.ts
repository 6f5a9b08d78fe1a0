import { badShape } from '../graph/ir.js';
import { interiorPadding } from './shared/interior-pad.js';

/** Pads with input 1 at the edges, where negative paddings crop, and between elements. */
export const stablehloPad = interiorPadding('STABLEHLO_PAD', 1, (node, _, rank) => {
  const [lows = [], highs = [], interiors = []] = ['edgePaddingLow', 'edgePaddingHigh', 'interiorPadding'].map(
    (name): number[] => Array.from(node.options[name] ?? [], Number),
  );
  return Array.from({ length: rank }, (_, d) => {
    const [low, high, interior] = [lows[d]!, highs[d]!, interiors[d]!];
    if (!(Number.isInteger(low + high) && interior >= 0)) {
      throw badShape(node, `paddings ${low}, ${high} and ${interior} of dimension ${d}`);
    }
    return { low, high, interior };
  });
});
