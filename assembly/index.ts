// The full build: every kernel family, in alphabetical order.
export * from './kernels/conv-f32';
export * from './kernels/conv-qs16';
export * from './kernels/conv-qs8';
export * from './kernels/copy';
export * from './kernels/dwconv-f32';
export * from './kernels/dwconv-qs8';
export * from './kernels/dynamic-quantize-f32';
export * from './kernels/gemm-f32';
export * from './kernels/gemm-qs8';
export * from './kernels/heap';
export * from './kernels/pool';
export * from './kernels/reduce-f32';
export * from './kernels/reduce-s32';
export * from './kernels/reduce-x8';
export * from './kernels/requantize-s32';
export * from './kernels/unary-f32';
