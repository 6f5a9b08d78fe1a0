// npm run bench:kernels -- [--chromium] [--build relaxed,simd] [--arithmetic fast,exact] [--filter TEXT] [--json FILE]
// Every kernel family on layers of real networks, in GMAC/s and per cent of what the core could do; see bench/README.md.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command } from 'commander';
import { build as bundle } from 'esbuild';
import type { Arithmetic } from '../bindings/graph/compile.js';
import { type Build, supportsBuild } from '../bindings/hosts/host.js';
import { count, table } from '../bindings/tools/text.js';
import { runSuite, type SuiteOptions, type SuiteResult } from './kernels/suite.js';
import { conditions, finish, formatConditions } from './machine.js';
import { launchChromium } from './peers/chromium.js';
import { BenchServer } from './peers/server.js';

const program = new Command('bench:kernels')
  .option('--chromium', 'run in Chromium instead of Node')
  .option('--build <list>', 'builds', 'relaxed,simd')
  .option('--arithmetic <list>', 'arithmetics', 'fast')
  .option('--filter <text>', 'only cases whose family, operator or layer contains it', '')
  .option('--duration <ms>', 'time for each kernel', Number, 150)
  .option('--json <file>', 'writes all measurements there')
  .parse(process.argv);
const options = program.opts<{
  chromium?: boolean;
  build: string;
  arithmetic: string;
  filter: string;
  duration: number;
  json?: string;
}>();

const wasm = (name: string, build: string) => `build/${name}.${build}.wasm`;

function prepare(build: Build): void {
  if (!existsSync(wasm('lanelite', build)))
    throw new Error(`${wasm('lanelite', build)} is missing: npm run build:wasm`);
  // In a process of its own: what its compiler leaves to optimize would delay the kernels' turn.
  const args = [
    'node_modules/assemblyscript/bin/asc.js',
    '--config',
    'assembly/bench/asconfig.json',
    '--target',
    build,
  ];
  execFileSync(process.execPath, args, { stdio: 'inherit' });
}

/** Runs suites one after the other; each gives its result as data. */
interface Host {
  readonly engine: string;
  supports(build: Build): boolean;
  run(options: SuiteOptions): Promise<SuiteResult>;
  close(): Promise<void>;
}

const node: Host = {
  engine: `Node ${process.versions.node} (V8 ${process.versions.v8})`,
  supports: supportsBuild,
  run(suite) {
    const module = (name: string) => new WebAssembly.Module(readFileSync(wasm(name, suite.build)));
    return runSuite({ kernels: module('lanelite'), ceilings: module('ceilings') }, suite, progress);
  },
  async close() {},
};

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function chromium(): Promise<Host> {
  const server = await BenchServer.start(process.cwd());
  const { outputFiles } = await bundle({
    entryPoints: ['bench/kernels/suite.ts'],
    bundle: true,
    format: 'esm',
    write: false,
    platform: 'browser',
    target: 'es2022',
    logLevel: 'warning',
  });
  server.extra.set('/suite.js', outputFiles[0]!.contents);
  const browser = await launchChromium();
  return {
    engine: `Chromium ${browser.version()}`,
    supports: () => true,
    async run(suite) {
      const page = await browser.newPage();
      page.on('console', (message) => progress(message.text()));
      await page.goto(server.origin);
      const urls = { kernels: `/${wasm('lanelite', suite.build)}`, ceilings: `/${wasm('ceilings', suite.build)}` };
      const result = await page.evaluate(
        async ({ suite, urls }) => {
          const entry = '/suite.js';
          const { runSuite } = (await import(entry)) as typeof import('./kernels/suite.js');
          const compile = (url: string) => WebAssembly.compileStreaming(fetch(url));
          const modules = { kernels: await compile(urls.kernels), ceilings: await compile(urls.ceilings) };
          return runSuite(modules, suite, console.log);
        },
        { suite, urls },
      );
      await page.close();
      return result;
    },
    async close() {
      await browser.close();
      server.stop();
    },
  };
}

function format({ build, arithmetic, ceilings, kernels, unsupported }: SuiteResult): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const head = `${build}, ${arithmetic}: at most ${ceilings.f32.toFixed(1)} GMAC/s in f32, ${ceilings.int8.toFixed(1)} in int8${ceilings.relaxedInt8 ? ` (relaxed dot: ${ceilings.relaxedInt8.toFixed(1)})` : ''}`;
  const rows = kernels.map(({ family, layer, kernel, milliseconds, macs, bytes, bound, percent }) => [
    family,
    layer,
    kernel,
    `${(milliseconds * 1000).toFixed(1)}`,
    macs ? count(macs) : '',
    macs ? (macs / milliseconds / 1e6).toFixed(1) : '',
    (bytes / milliseconds / 1e6).toFixed(1),
    `${percent.toFixed(0)} %`,
    bound,
  ]);
  const columns = [{ title: 'family' }, { title: 'layer' }, { title: 'kernel' }];
  return [
    head,
    table([...columns, ...['µs', 'MACs', 'GMAC/s', 'GB/s', 'of'].map(right), { title: 'limit' }], rows),
    ...unsupported.map(({ family, layer, reason }) => `${family} ${layer}: ${reason}`),
    '',
  ].join('\n');
}

const host = options.chromium ? await chromium() : node;
const measured = conditions(host.engine);
const results: SuiteResult[] = [];
try {
  for (const build of options.build.split(',') as Build[]) {
    if (!host.supports(build)) continue;
    prepare(build);
    for (const arithmetic of options.arithmetic.split(',') as Arithmetic[]) {
      const { filter, duration } = options;
      results.push(await host.run({ build, arithmetic, filter, duration }));
      progress('');
      console.log(format(results.at(-1)!));
    }
  }
} finally {
  await host.close();
}
finish(measured);
console.log(formatConditions(measured));
if (options.json) {
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify({ conditions: measured, results }, null, 1)}\n`);
}
