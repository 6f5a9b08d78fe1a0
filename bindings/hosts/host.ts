import { HostError } from '../errors.js';
import type { ThreadSupport } from '../threads/host.js';

/** The wasm builds, from the same source: see docs/architecture.md. */
export const BUILDS = ['relaxed', 'simd', 'scalar'] as const;
export type Build = (typeof BUILDS)[number];

/** What differs between JavaScript hosts. */
export interface Host {
  readonly name: string;
  /** The builds that this host can get at; all of them where it does not say. */
  readonly builds?: readonly Build[];
  /** The compiled kernels of a build. */
  compile(build: Build): Promise<WebAssembly.Module>;
  /** Opens a path or a file: URL, where the host has a file system. */
  openFile?(path: string | URL): Promise<{ size: number; stream: AsyncIterable<Uint8Array> }>;
  /** What threads take, loaded when they are asked for; missing where there are none. */
  threads?(): Promise<ThreadSupport>;
}

export const NO_THREADS = 'this host has no threads';

let current: Host | null = null;

/** Called once by each entry (node.ts, browser.ts, workerd.ts). */
export function setHost(host: Host): void {
  current = host;
}

export function getHost(): Host {
  if (!current) throw new HostError('no host is set: import an entry of lanelite, or call setHost()');
  return current;
}

// Two smallest modules that only validate where the feature exists: i8x16.splat + popcnt, and i8x16.relaxed_swizzle.
const HEAD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10];
const PROBES: Record<Build, readonly number[]> = {
  scalar: [0, 97, 115, 109, 1, 0, 0, 0],
  simd: [...HEAD, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
  relaxed: [...HEAD, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11],
};

/** Whether this host's engine can run a build. */
export function supportsBuild(build: Build): boolean {
  return WebAssembly.validate(new Uint8Array(PROBES[build]));
}

/** The fastest build that the engine runs; `deterministic` leaves relaxed SIMD out. */
export function chooseBuild(deterministic = false): Build {
  const available = current?.builds ?? BUILDS;
  const fit = (build: Build) => available.includes(build) && !(deterministic && build === 'relaxed');
  return BUILDS.find((build) => fit(build) && supportsBuild(build)) ?? 'scalar';
}
