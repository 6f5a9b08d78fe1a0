// The entry for Node, Deno and Bun.
import { setHost } from './hosts/host.js';
import { nodeHost } from './hosts/node.js';

setHost(nodeHost);

export * from './index.js';
