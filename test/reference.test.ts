// The specifications alone, without kernels, against TFLite's outputs: what the kernels are tested against is itself right.
import { describe, expect, test } from 'vitest';
import { BEYOND_STATE, CORPUS, readCorpus, runReference } from './support/corpus.js';
import type { OpSpec } from './support/spec.js';

const modules = import.meta.glob<{ default: OpSpec | OpSpec[] }>('./ops/**/*.ts', { eager: true });
const specs = new Map(
  Object.values(modules).flatMap((module) => [module.default].flat().map((spec) => [spec.op, spec])),
);

describe('the references alone', () => {
  test.each(readCorpus(CORPUS).map((folder) => [folder.op, folder] as const))('%s', (op, { path, cases }) => {
    const wrong = cases.flatMap((c) => {
      if (BEYOND_STATE.has(`${op}/${c.name}`)) return [];
      const outcome = runReference(path, c, specs);
      return outcome.kind === 'passed' ? [] : [`${c.name}: ${outcome.kind}: ${outcome.reason}`];
    });
    expect(wrong).toEqual([]);
  });
});
