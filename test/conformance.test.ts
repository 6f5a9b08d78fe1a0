import { describe, expect, test } from 'vitest';
import { Engine, loadModel } from '../bindings/index.js';
import { arithmetics, builds } from './support/builds.js';
import { BEYOND_STATE, CORPUS, readCorpus, runCase } from './support/corpus.js';

// Every folder of the corpus, on every build in both arithmetics.
const folders = readCorpus(CORPUS);

describe.each(builds)('%s build', (build) => {
  describe.each(arithmetics)('%s', (arithmetic) => {
    const engine = Engine.create({ build });
    test.each(folders.map((folder) => [folder.op, folder] as const))('%s', async (op, { path, cases }) => {
      const shared = await engine;
      const failures: string[] = [];
      let passed = 0;
      for (const c of cases) {
        if (BEYOND_STATE.has(`${op}/${c.name}`)) continue;
        const outcome = await runCase(path, c, (bytes) => loadModel(bytes, { engine: shared }), arithmetic);
        if (outcome.kind === 'passed') passed++;
        else failures.push(`${c.name}: ${outcome.reason}`);
      }
      expect(failures).toEqual([]);
      expect(passed).toBeGreaterThan(0);
      expect(shared.map.used(), 'memory in use after all models are closed').toBe(0);
    });
  });
});
