// npm run bench:peers -- [--models FILE|DIR]… [--threads 1,2] [--rounds N] [--json FILE]
// Lanelite against Google's runtimes for the web, in one headless Chromium; bench/README.md says how it measures.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command } from 'commander';
import { terminalProgress } from '../bindings/tools/progress.js';
import { Cores } from './cores.js';
import { conditions, finish, formatConditions } from './machine.js';
import { launchChromium } from './peers/chromium.js';
import { CONTENDERS, measureModel } from './peers/measure.js';
import { describe, modelFiles } from './peers/models.js';
import {
  bestOf,
  formatModel,
  formatOverview,
  formatScaling,
  formatSummaries,
  type ModelResult,
  ratios,
  summaries,
} from './peers/report.js';
import { BenchServer } from './peers/server.js';

const repeated = (value: string, list: string[] = []) => [...list, value];
const program = new Command('bench:peers')
  .option('--models <file|dir>', 'model or folder of models; may be repeated', repeated)
  .option('--filter <text>', 'only models whose path contains it')
  .option('--contenders <text>', 'only contenders whose name contains one of these, separated by commas')
  .option('--threads <list>', 'thread counts', '1,2')
  .option('--rounds <n>', 'rounds', Number, 7)
  .option('--round-time <ms>', 'time of a round', Number, 100)
  .option('--starts <n>', 'cold starts of each contender', Number, 3)
  .option('--warm-up <ms>', 'longest warm-up of a contender', Number, 5000)
  .option('--timeout <s>', 'gives up a page that does not answer', Number, 120)
  .option('--seed <n>', 'of the inputs', Number, 1)
  .option('--json <file>', 'writes all measurements there')
  .parse(process.argv);
const options = program.opts<{
  models?: string[];
  filter?: string;
  contenders?: string;
  threads: string;
  rounds: number;
  roundTime: number;
  starts: number;
  warmUp: number;
  timeout: number;
  seed: number;
  json?: string;
}>();

if (!existsSync('dist/browser.js')) throw new Error('dist/ is missing: npm run build');
const files = modelFiles(options.models ?? []).filter((file) => file.includes(options.filter ?? ''));
const wanted = options.contenders?.split(',') ?? [''];
const contenders = CONTENDERS.filter(({ name }) => wanted.some((text) => name.includes(text)));
const threadCounts = options.threads.split(',').map(Number);
const { rounds, roundTime, starts, timeout } = options;
const settings = {
  rounds,
  roundTime,
  starts,
  warmUp: [Math.min(500, options.warmUp), options.warmUp] as const,
  timeout: timeout * 1000,
};

const server = await BenchServer.start(process.cwd());
const browser = await launchChromium();
const measured = conditions(`Chromium ${browser.version()}`, ['@litertjs/core', '@tensorflow/tfjs-tflite']);
const results: ModelResult[] = [];
const cores = new Map(threadCounts.filter((n) => n > 1).map((n) => [n, new Cores(n)]));
const unreadable: { file: string; reason: string }[] = [];
const write = () => {
  if (!options.json) return;
  finish(measured);
  mkdirSync(dirname(options.json), { recursive: true });
  const report = { conditions: measured, settings, summaries: summaries(results), unreadable, results };
  writeFileSync(options.json, `${JSON.stringify(report, null, 1)}\n`);
};
const bar = terminalProgress('models', files.length * threadCounts.length);
let done = 0;
try {
  for (const file of files) {
    try {
      const model = await describe(file, options.seed);
      for (const threads of threadCounts) {
        const before = await cores.get(threads)?.scaling();
        const measurements = await measureModel(browser, server, model, contenders, threads, settings);
        const after = await cores.get(threads)?.scaling();
        const { name, macs, kind, bytes } = model;
        const single = results.find((result) => result.file === model.file && result.threads === 1);
        const [one, many] = [single?.measurements ?? [], measurements].map((list) => bestOf(list, true)?.time?.min);
        results.push({
          model: name,
          file: model.file,
          bytes: bytes.length,
          macs,
          kind,
          threads,
          measurements,
          ratios: ratios(measurements),
          scaling:
            before && after ? { possible: Math.min(before, after), ours: one && many ? one / many : null } : null,
        });
        console.log(formatModel(results.at(-1)!));
        write();
        bar.update(++done);
      }
    } catch (error) {
      unreadable.push({ file, reason: (error as Error).message });
      console.log(`${file}: ${(error as Error).message}\n`);
    }
  }
} finally {
  bar.stop();
  await browser.close();
  server.stop();
  for (const group of cores.values()) group.close();
}
write();
finish(measured);
const tables = [formatOverview(results), formatSummaries(summaries(results)), ...formatScaling(results)];
console.log([...tables, formatConditions(measured)].join('\n\n'));
