// The full build: every kernel family, in alphabetical order.
export * from './kernels/copy';
export * from './kernels/heap';
export * from './kernels/unary-f32';
