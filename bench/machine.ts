import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';

/** What a number was measured on; results without it say nothing. */
export interface Conditions {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly engine: string;
  /** Over the last 1, 5 and 15 minutes, at start and end. */
  readonly loadAverage: { readonly start: readonly number[]; end: readonly number[] };
  /** Of the packages that were measured. */
  readonly versions: Readonly<Record<string, string>>;
}

const load = () => loadavg().map((x) => Number(x.toFixed(2)));

export function conditions(engine: string, packages: readonly string[] = []): Conditions {
  const version = (path: string) => JSON.parse(readFileSync(path, 'utf8')).version as string;
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()} ${release()} ${arch()}`,
    engine,
    loadAverage: { start: load(), end: load() },
    versions: {
      lanelite: version('package.json'),
      ...Object.fromEntries(packages.map((name) => [name, version(`node_modules/${name}/package.json`)])),
    },
  };
}

export function finish(conditions: Conditions): void {
  conditions.loadAverage.end = load();
}

export function formatConditions({ cpu, cores, engine, date, loadAverage }: Conditions): string {
  return `${cpu}, ${cores} cores; ${engine}; ${date}; load average ${loadAverage.start[0]} to ${loadAverage.end[0]}`;
}
