import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../bindings/index.js';
import { arithmetics, builds } from './support/builds.js';
import { checkGolden, GROUPS, listModels, readGolden, SHARED } from './support/goldens.js';

// Whole models against the outputs of TensorFlow Lite and XNNPACK.
const models = existsSync(SHARED)
  ? listModels(SHARED, GROUPS).flatMap((entry) => {
      const golden = readGolden(SHARED, entry);
      return golden ? [{ file: entry.file, entry, golden }] : [];
    })
  : [];

if (!models.length) test.skip('whole models: ../shared is not there', () => {});

describe.each(builds)('%s build', (build) => {
  describe.each(arithmetics)('%s', (arithmetic) => {
    test.each(models)('$file', async ({ entry, golden }) => {
      const wrong = await checkGolden(SHARED, entry, golden, (bytes) => loadModel(bytes, { build }), arithmetic);
      expect(wrong).toBe(null);
    });
  });
});
