/**
 * Damaged models through the whole way: load, compile, run. Whatever happens, it is either an answer or an error of
 * our own, in bounded time, and all memory comes back. `LANELITE_HOSTILE=5000` tries more.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Engine, Interpreter, LaneliteError, loadModel } from '../bindings/index.js';
import './support/builds.js';
import { CORPUS, readCorpus } from './support/corpus.js';
import { damage } from './support/damage.js';
import { Rng } from './support/random.js';
import { readShared, sharedFiles } from './support/shared.js';

const TRIES = Number(process.env.LANELITE_HOSTILE ?? 300);
const LIMIT = 64 * 2 ** 20;

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ build: 'simd', maxMemory: LIMIT });
});

/** How far a file gets. */
async function attempt(bytes: Uint8Array): Promise<string> {
  const started = performance.now();
  let stage = 'load';
  try {
    const model = await loadModel(bytes, { engine });
    try {
      stage = 'compile';
      const interpreter = await Interpreter.create(model);
      try {
        stage = 'run';
        interpreter.invoke();
        stage = 'answer';
      } finally {
        interpreter.close();
      }
    } finally {
      model.close();
    }
  } catch (error) {
    if (!(error instanceof LaneliteError)) throw error;
    expect(error.message.length).toBeLessThan(4000);
  }
  expect(performance.now() - started).toBeLessThan(5000);
  expect(engine.map.used()).toBe(0);
  expect(engine.memory.buffer.byteLength).toBeLessThanOrEqual(LIMIT);
  return stage;
}

const bad = sharedFiles(['bad'], /\.(tflite|bin)$/);
test.skipIf(bad.length === 0)('collected damaged models (shared/bad beside the repository)', async () => {
  for (const file of bad) {
    const stage = await attempt(readShared(file));
    if (/truncated|wrong_identifier|root_offset|0_subgraphs/.test(file)) expect([file, stage]).toEqual([file, 'load']);
    if (/mediatek|MTKEXT|invoking_error/.test(file)) expect([file, stage]).toEqual([file, 'compile']);
    if (/empty_model/.test(file)) expect([file, stage]).toEqual([file, 'answer']);
  }
});

describe('models of the corpus, damaged at random', () => {
  // The first case of each operator of the corpus.
  const victims = readCorpus(CORPUS).map(({ path, cases }) => join(path, cases[0]!.file));
  test(`${victims.length} models, ${TRIES} times each`, async () => {
    const stages: Record<string, number> = { load: 0, compile: 0, run: 0, answer: 0 };
    const failures: string[] = [];
    for (const file of victims) {
      const bytes = new Uint8Array(readFileSync(file));
      const rng = new Rng(bytes.length);
      for (let i = 0; i < TRIES; i++) {
        const copy = damage(bytes, rng);
        try {
          stages[await attempt(copy)]!++;
        } catch (error) {
          failures.push(`${file}, damage ${i}: ${error}`);
        }
      }
    }
    expect(failures).toEqual([]);
    expect(stages.load).toBeGreaterThan(TRIES);
    expect(stages.answer).toBeGreaterThan(TRIES / 4);
  });
});
