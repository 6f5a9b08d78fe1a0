import { badShape } from '../graph/ir.js';
import { interiorPadding } from './shared/interior-pad.js';

/** Pads with input 1 at the edges, where negative paddings crop, and between elements. */
export const stablehloPad = interiorPadding('STABLEHLO_PAD', 1, (node, _, rank) => {
  const [lows = [], highs = [], interiors = []] = ['edgePaddingLow', 'edgePaddingHigh', 'interiorPadding'].map(
    (name): number[] => Array.from(node.options[name] ?? [], Number),
  );
  if ([lows, highs, interiors].some(({ length }) => length < rank) || interiors.some((n) => n < 0)) {
    throw badShape(node, `paddings [${lows}], [${highs}] and [${interiors}] for rank ${rank}`);
  }
  return Array.from({ length: rank }, (_, d) => ({ low: lows[d]!, high: highs[d]!, interior: interiors[d]! }));
});
