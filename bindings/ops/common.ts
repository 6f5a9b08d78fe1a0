// What is loaded for graphs that still compute with floats and bytes alone, but need more than the standard operators: those that
// such models have most often, and the standard ones in more forms (wide/…).
import { batchMatmul } from './batch-matmul.js';
import { concatenation } from './concatenation.js';
import { depthToSpace } from './depth-to-space.js';
import { div } from './div.js';
import { elu } from './elu.js';
import { exp } from './exp.js';
import { expandDims } from './expand-dims.js';
import { gelu } from './gelu.js';
import { l2Normalization } from './l2-normalization.js';
import { leakyRelu } from './leaky-relu.js';
import { maximum } from './maximum.js';
import { minimum } from './minimum.js';
import { neg } from './neg.js';
import type { Operator } from './operator.js';
import { pack } from './pack.js';
import { prelu } from './prelu.js';
import { relu } from './relu.js';
import { relu6 } from './relu6.js';
import { resizeBilinear } from './resize-bilinear.js';
import { resizeNearestNeighbor } from './resize-nearest-neighbor.js';
import { rsqrt } from './rsqrt.js';
import { slice } from './slice.js';
import { spaceToDepth } from './space-to-depth.js';
import { split } from './split.js';
import { sqrt } from './sqrt.js';
import { square } from './square.js';
import { squaredDifference } from './squared-difference.js';
import { stridedSlice } from './strided-slice.js';
import { sum } from './sum.js';
import { tanh } from './tanh.js';
import { transpose } from './transpose.js';
import { transposeConv } from './transpose-conv.js';
import { unpack } from './unpack.js';
import { add } from './wide/add.js';
import { averagePool2d } from './wide/average-pool-2d.js';
import { conv2d } from './wide/conv-2d.js';
import { depthwiseConv2d } from './wide/depthwise-conv-2d.js';
import { dequantize } from './wide/dequantize.js';
import { fullyConnected } from './wide/fully-connected.js';
import { hardSwish } from './wide/hard-swish.js';
import { logistic } from './wide/logistic.js';
import { mean } from './wide/mean.js';
import { mul } from './wide/mul.js';
import { quantize } from './wide/quantize.js';
import { reshape } from './wide/reshape.js';
import { softmax } from './wide/softmax.js';
import { sub } from './wide/sub.js';

export const common: readonly Operator[] = [
  batchMatmul,
  concatenation,
  depthToSpace,
  div,
  elu,
  exp,
  expandDims,
  gelu,
  l2Normalization,
  leakyRelu,
  maximum,
  minimum,
  neg,
  pack,
  prelu,
  relu,
  relu6,
  resizeBilinear,
  resizeNearestNeighbor,
  rsqrt,
  slice,
  spaceToDepth,
  split,
  sqrt,
  square,
  squaredDifference,
  stridedSlice,
  sum,
  tanh,
  transpose,
  transposeConv,
  unpack,
  add,
  averagePool2d,
  conv2d,
  depthwiseConv2d,
  dequantize,
  fullyConnected,
  hardSwish,
  logistic,
  mean,
  mul,
  quantize,
  reshape,
  softmax,
  sub,
];
