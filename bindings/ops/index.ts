// The standard registry: one line an operator. Custom registries import single files instead.
export { averagePool2d } from './average-pool-2d.js';
export { depthwiseConv2d } from './depthwise-conv-2d.js';
export { l2Pool2d } from './l2-pool-2d.js';
export { maxPool2d } from './max-pool-2d.js';
export { mean } from './mean.js';
export type { Operator } from './operator.js';
export { reduceAll } from './reduce-all.js';
export { reduceAny } from './reduce-any.js';
export { reduceMax } from './reduce-max.js';
export { reduceMin } from './reduce-min.js';
export { reduceProd } from './reduce-prod.js';
export { sum } from './sum.js';
