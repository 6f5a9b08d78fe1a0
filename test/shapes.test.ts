// Every operator in one interpreter whose inputs change their shapes: empty, scalar, of rank 7, with operands that broadcast.
import { expect, test } from 'vitest';
import { LaneliteError } from '../bindings/errors.js';
import { Interpreter, loadModel, type Model } from '../bindings/index.js';
import { extra } from '../bindings/ops/extra.js';
import { Engine } from '../bindings/runtime/engine.js';
import { buildOpModel } from './support/build-model.js';
import { builds } from './support/builds.js';
import { changingShapes, feedAll, isFed } from './support/changing-shapes.js';
import { expectResults } from './support/expect-results.js';
import { Rng } from './support/random.js';
import type { OpCase, OpSpec, TensorSpec } from './support/spec.js';
import { referenceOf, specs } from './support/specs.js';
import { elementsOf, setElements } from './support/strings.js';

const SEED = Number(process.env.LANELITE_SEED ?? 1);
const CASES = Number(process.env.LANELITE_RANDOM_CASES ?? 3);
const SHAPES = 12;
/** Cases to look for shapes that may change. */
const MOST_CASES = 4 * CASES;
/** Their constants, or their states, fix all sizes. */
const FIXED = ['DENSIFY', 'LSTM', 'RNN', 'SVDF', 'STABLEHLO_RNG_BIT_GENERATOR'];

/** What their references say is for keys in order, or of up to 64 bytes, alone. */
const LIMITED = ['HASHTABLE_LOOKUP', 'LSH_PROJECTION'];
/** Random numbers and resources go on from run to run, so references know a first run alone. */
const DRAWING = ['MULTINOMIAL', 'RANDOM_STANDARD_NORMAL', 'RANDOM_UNIFORM'];
const goesOn = (op: string, c: OpCase) => DRAWING.includes(op) || c.before !== undefined || c.after !== undefined;

/** One that a model file can hold. */
function caseOf(spec: OpSpec, rng: Rng): OpCase | null {
  const c = spec.random && (rng.bool(0.6) || !spec.cases.length) ? spec.random(rng) : rng.pick(spec.cases);
  if (c.inputs.some((input) => input?.blocks || input?.sparsity)) return null;
  return rng.bool() ? feedAll(c) : c;
}

/** Runs for the shapes and elements of a case; gives what is thrown because of them. */
function run(interpreter: Interpreter, c: OpCase): LaneliteError | null {
  const fed = c.inputs.filter(isFed);
  try {
    for (const [i, { shape }] of fed.entries()) interpreter.resizeInputTensor(interpreter.inputs[i]!.index, shape);
    interpreter.allocateTensors();
    interpreter.resetVariables();
    for (const [i, input] of fed.entries()) setElements(interpreter.inputs[i]!, input.data!);
    interpreter.invoke();
    return null;
  } catch (error) {
    expect(error, `${c.name}: ${(error as Error).stack}`).toBeInstanceOf(LaneliteError);
    // What a lowering did not see coming.
    expect((error as Error).message).not.toMatch(
      /NaN|undefined|cannot be converted|not a function|not iterable|Invalid/,
    );
    return error as LaneliteError;
  }
}

/** What variables hold after `resetVariables`. */
function reset({ dtype, data, quantization }: TensorSpec) {
  return data!.slice().fill((dtype === 'int8' ? (quantization?.zeroPoint[0] ?? 0) : 0) as never);
}

function expectCase(spec: OpSpec, c: OpCase, interpreter: Interpreter): void {
  const inputs = c.inputs.map((input) => (input?.variable ? { ...input, data: reset(input) } : input));
  const results = referenceOf(spec, { ...c, inputs });
  const got = interpreter.outputs.map((tensor) => ({ shape: tensor.shape, data: elementsOf(tensor) }));
  expectResults(spec, c, got, results, 'exact');
}

test.each(specs.map((spec) => [spec.op, spec] as const))('%s', async (op, spec) => {
  const engine = await Engine.create({ build: builds[0]! });
  const rng = new Rng(SEED);
  let legal = 0;
  let changeable = false;
  const start = (model: Model) => Interpreter.create(model, { arithmetic: 'exact', customOps: extra });
  for (let k = 0; k < CASES || (!legal && !FIXED.includes(op) && k < MOST_CASES); k++) {
    const c = caseOf(spec, rng);
    if (!c) continue;
    changeable ||= c.inputs.some(isFed);
    using model = await loadModel(buildOpModel(op, c, !/^[A-Z\d_]+$/.test(op)), { engine });
    let interpreter: Interpreter;
    try {
      interpreter = await start(model);
    } catch (error) {
      // Some inputs have to be constant.
      expect(error).toBeInstanceOf(LaneliteError);
      continue;
    }
    for (const changed of changingShapes(rng, c, SHAPES)) {
      if (goesOn(op, c)) {
        interpreter.close();
        interpreter = await start(model);
      }
      const refused = run(interpreter, changed);
      if (!refused) {
        if (changed === c || !LIMITED.includes(op)) expectCase(spec, changed, interpreter);
        if (changed !== c) legal++;
        continue;
      }
      using other = await start(model);
      expect(run(other, changed)?.message, `${changed.name}: refused by one that had other shapes`).toBe(
        refused.message,
      );
    }
    interpreter.close();
  }
  expect(engine.map.used()).toBe(0);
  if (changeable && !FIXED.includes(op)) expect(legal, 'shapes that were changed and taken').toBeGreaterThan(0);
});
