// The specifications alone, without kernels, against TFLite's outputs: what the kernels are tested against is itself right.
import { describe, expect, test } from 'vitest';
import { BEYOND_STATE, CORPUS, readCorpus, runReference } from './support/corpus.js';
import { specByOp } from './support/specs.js';

describe('the references alone', () => {
  test.each(readCorpus(CORPUS).map((folder) => [folder.op, folder] as const))('%s', (op, { path, cases }) => {
    const wrong = cases.flatMap((c) => {
      if (BEYOND_STATE.has(`${op}/${c.name}`)) return [];
      const outcome = runReference(path, c, specByOp);
      return outcome.kind === 'passed' ? [] : [`${c.name}: ${outcome.kind}: ${outcome.reason}`];
    });
    expect(wrong).toEqual([]);
  });
});
