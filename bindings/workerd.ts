// The entry for Cloudflare Workers (workerd): the kernels are a static import.

import { setHost } from './hosts/host.js';
import { workerdHost } from './hosts/workerd.js';
import simd from './lanelite.simd.wasm';

setHost(workerdHost({ simd }));

export * from './index.js';
