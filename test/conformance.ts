// npm run conformance -- [DIR] [--op NAME[,NAME…]] [--build B] [--arithmetic fast|exact] [--case TEXT] [--quiet]
// Runs a folder in the corpus format, test/conformance if none is named; the last line counts. Skipped: the operator (or this form of it) is not supported.
import { parseArgs } from 'node:util';
import { type Build, chooseBuild } from '../bindings/hosts/host.js';
import { type Arithmetic, Engine, loadModel } from '../bindings/node.js';
import { CORPUS, readCorpus, runCase } from './support/corpus.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    op: { type: 'string' },
    case: { type: 'string' },
    build: { type: 'string', default: chooseBuild() },
    arithmetic: { type: 'string', default: 'fast' },
    quiet: { type: 'boolean', default: false },
  },
});
const [dir = CORPUS] = positionals;
const only = values.op?.split(',');
const engine = await Engine.create({ build: values.build as Build });
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const { op, path, cases } of readCorpus(dir)) {
  if (only && !only.includes(op)) continue;
  const here = { passed: 0, failed: 0, skipped: 0 };
  for (const c of cases) {
    if (values.case && !c.name.includes(values.case)) continue;
    const outcome = await runCase(path, c, (bytes) => loadModel(bytes, { engine }), values.arithmetic as Arithmetic);
    here[outcome.kind]++;
    counts[outcome.kind]++;
    if (outcome.kind !== 'passed' && !(values.quiet && outcome.kind === 'skipped')) {
      console.log(`  ${outcome.kind} ${op}/${c.name}: ${outcome.reason}`);
    }
  }
  console.log(`${op}: ${here.passed} passed, ${here.failed} failed, ${here.skipped} skipped`);
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed ? 1 : 0;
