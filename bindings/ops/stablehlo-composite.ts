import { calling } from './shared/calls.js';

/** An operator by name that comes with its decomposition, which is what runs. */
export const stablehloComposite = calling('STABLEHLO_COMPOSITE', (options) => options.decompositionSubgraphIndex);
