// The operators that are there from the start: those of most vision models. One line an operator.
export { add } from './add.js';
export { averagePool2d } from './average-pool-2d.js';
export { conv2d } from './conv-2d.js';
export { depthwiseConv2d } from './depthwise-conv-2d.js';
export { dequantize } from './dequantize.js';
export { fullyConnected } from './fully-connected.js';
export { hardSwish } from './hard-swish.js';
export { logistic } from './logistic.js';
export { maxPool2d } from './max-pool-2d.js';
export { mean } from './mean.js';
export { mul } from './mul.js';
export { pad } from './pad.js';
export { quantize } from './quantize.js';
export { reshape } from './reshape.js';
export { softmax } from './softmax.js';
export { squeeze } from './squeeze.js';
export { sub } from './sub.js';
