// The operators that are there from the start: those of most vision models. An array, for the names of an object's fields would
// be in the entry.
import { add } from './add.js';
import { averagePool2d } from './average-pool-2d.js';
import { conv2d } from './conv-2d.js';
import { depthwiseConv2d } from './depthwise-conv-2d.js';
import { dequantize } from './dequantize.js';
import { fullyConnected } from './fully-connected.js';
import { logistic } from './logistic.js';
import { maxPool2d } from './max-pool-2d.js';
import { mean } from './mean.js';
import { mul } from './mul.js';
import type { Operator } from './operator.js';
import { pad } from './pad.js';
import { quantize } from './quantize.js';
import { reshape } from './reshape.js';
import { softmax } from './softmax.js';
import { squeeze } from './squeeze.js';
import { sub } from './sub.js';

export const standard: readonly Operator[] = [
  add,
  averagePool2d,
  conv2d,
  depthwiseConv2d,
  dequantize,
  fullyConnected,
  logistic,
  maxPool2d,
  mean,
  mul,
  pad,
  quantize,
  reshape,
  softmax,
  squeeze,
  sub,
];
