// npm run goldens -- [TEXT…] [--all] [--build B,…] [--arithmetic A,…]
// Whole models against the outputs of the real runtimes in ../shared/goldens; the last line counts.
import { parseArgs } from 'node:util';
import { BUILDS, type Build, supportsBuild } from '../bindings/hosts/host.js';
import { type Arithmetic, LaneliteError, loadModel, UnsupportedOperatorError } from '../bindings/node.js';
import { checkGolden, GROUPS, listModels, readGolden } from './support/goldens.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    shared: { type: 'string', default: '../shared' },
    build: { type: 'string', default: BUILDS.join() },
    arithmetic: { type: 'string', default: 'fast,exact' },
  },
});
const shared = values.shared;
const groups = values.all
  ? [...GROUPS, 'audio', 'graph', 'ops', 'quantizer', 'seanet_int16x8', 'text', 'transformer']
  : GROUPS;
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const entry of listModels(shared, groups)) {
  if (positionals.length && !positionals.some((text) => entry.file.includes(text))) continue;
  const golden = readGolden(shared, entry);
  if (!golden) continue;
  for (const build of values.build.split(',').filter((b) => supportsBuild(b as Build))) {
    for (const arithmetic of values.arithmetic.split(',')) {
      let outcome: keyof typeof counts = 'passed';
      let reason = '';
      try {
        const wrong = await checkGolden(
          shared,
          entry,
          golden,
          (bytes) => loadModel(bytes, { build: build as Build }),
          arithmetic as Arithmetic,
        );
        if (wrong) [outcome, reason] = ['failed', wrong];
      } catch (error) {
        outcome = error instanceof UnsupportedOperatorError ? 'skipped' : 'failed';
        reason = error instanceof LaneliteError ? error.message : String((error as Error).stack);
      }
      counts[outcome]++;
      if (reason) console.log(`${outcome} ${entry.file} ${build} ${arithmetic}: ${reason}`);
    }
  }
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed ? 1 : 0;
