import { BUILDS, type Build, setHost, supportsBuild } from '../../bindings/hosts/host.js';
import { nodeHost } from '../../bindings/hosts/node.js';

setHost(nodeHost);

/** The builds that this engine runs; `LANELITE_BUILDS=simd,scalar` narrows them. */
export const builds: readonly Build[] = BUILDS.filter(
  (build) => supportsBuild(build) && (process.env.LANELITE_BUILDS ?? BUILDS.join()).split(',').includes(build),
);

export const arithmetics = ['fast', 'exact'] as const;
