// The kernels' signatures, as `npm run build:wasm` writes them beside the wasm.
export type { Kernels } from '../../build/kernels.js';
