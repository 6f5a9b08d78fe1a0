import { describe, expect, test } from 'vitest';
import { RelaxedDot } from '../assembly/lib/opcodes.js';
import { typedArrayOf } from '../bindings/dtype.js';
import { extra } from '../bindings/ops/extra.js';
import { Engine } from '../bindings/runtime/engine.js';
import type { Team } from '../bindings/threads/host.js';
import { arithmetics, builds } from './support/builds.js';
import { feedAll } from './support/changing-shapes.js';
import { compileKernels } from './support/compile-kernels.js';
import { expectResults, observed } from './support/expect-results.js';
import { allOperators } from './support/operators.js';
import { Rng } from './support/random.js';
import { runOp } from './support/run-op.js';
import { scatteredTeam } from './support/scattered-team.js';
import type { OpCase, OpSpec, ReferenceResult, TensorSpec } from './support/spec.js';
import { referenceOf, specs } from './support/specs.js';
import { splitUnits } from './support/split-units.js';

// Every specification in test/ops, against every build in both arithmetics.
const operators = new Map([...allOperators, ...extra].map((operator) => [operator.name, operator]));
const RANDOM_CASES = Number(process.env.LANELITE_RANDOM_CASES ?? 24);
const SEED = Number(process.env.LANELITE_SEED ?? 1);

interface Expected {
  readonly case: OpCase;
  readonly results: readonly ReferenceResult[];
}

/** What the reference makes of a case; for one with variables, of its second run, which is the one that is compared. */
function resultsOf(spec: OpSpec, c: OpCase): readonly ReferenceResult[] {
  const results = referenceOf(spec, c);
  if (!c.inputs.some((input) => input?.variable)) return results;
  const states = results.slice(observed(c).length);
  const inputs = c.inputs.map((input) => (input?.variable ? { ...input, data: states.shift()!.data } : input));
  return referenceOf(spec, { ...c, inputs });
}

// References are slow and know nothing of builds, so each case is worked out once.
const worked = new Map<string, Expected>();

function expected(spec: OpSpec, key: string, make: () => OpCase): Expected {
  const id = `${specs.indexOf(spec)} ${key}`;
  let found = worked.get(id);
  if (!found) {
    const c = make();
    found = { case: c, results: resultsOf(spec, c) };
    worked.set(id, found);
  }
  return found;
}

/** The cases by hand and the random ones of a specification. */
function* expectations(spec: OpSpec, { random = true } = {}): Generator<Expected> {
  for (const [i, c] of spec.cases.entries()) yield expected(spec, `${i}`, () => c);
  if (!random || !spec.random) return;
  for (let i = 0; i < RANDOM_CASES; i++) {
    const seed = SEED * 1000 + i;
    yield expected(spec, `seed ${seed}`, () => {
      const c = spec.random!(new Rng(seed));
      return { ...c, name: `${c.name} (seed ${seed})` };
    });
  }
}

function expectCase(
  spec: OpSpec,
  { case: c, results }: Expected,
  engine: Engine,
  arithmetic: 'exact' | 'fast',
  team?: Team,
): void {
  const variables = c.inputs.flatMap((input) => (input?.variable ? [input] : []));
  const got = runOp(spec.op, c, engine, operators, arithmetic, team);
  expectResults(spec, c, got, results, arithmetic, [...observed(c), ...variables]);
}

describe.each(builds)('%s build', (build) => {
  describe.each(arithmetics)('%s', (arithmetic) => {
    const engine = Engine.create({ build });
    test.each(specs.map((spec) => [spec.op, spec] as const))('%s', async (_, spec) => {
      for (const c of expectations(spec)) expectCase(spec, c, await engine, arithmetic);
    });
  });
});

// Machines differ in their relaxed dot products, and Node may have none that is of use: the simd build does the same in long
// hand, with unsigned bytes as on x86, or with signed ones as on Arm.
describe.each(['unsigned', 'signed'] as const)('relaxed dot products of %s bytes', (kind) => {
  const relaxedDot = kind === 'signed' ? RelaxedDot.SIGNED : RelaxedDot.UNSIGNED;
  const module = kind === 'signed' ? compileKernels('--use', 'SIGNED_BYTES=1') : undefined;
  const engine = Promise.resolve(module)
    .then((module) => Engine.create({ build: 'simd', ...(module && { module }) }))
    .then((made) => Object.assign(made, { relaxedDot }));
  test.each(specs.map((spec) => [spec.op, spec] as const))('%s', async (_, spec) => {
    for (const c of expectations(spec)) {
      if (!c.case.inputs.some((input) => /^u?int[48]$/.test(input?.dtype ?? ''))) continue;
      for (const arithmetic of arithmetics) expectCase(spec, c, await engine, arithmetic);
    }
  });
});

// Threads will split units at will: three calls, the last units first, give the same result.
describe('split units', () => {
  const engine = Engine.create({ build: builds[0]! }).then((whole) => splitUnits(whole));
  test.each(specs.map((spec) => [spec.op, spec] as const))('%s', async (_, spec) => {
    for (const c of expectations(spec, { random: false })) expectCase(spec, c, await engine, 'exact');
  });
});

// And each thread has scratch memory of its own.
describe.each(arithmetics)('scattered over threads, %s', (arithmetic) => {
  const engine = Engine.create({ build: builds[0]! });
  test.each(specs.map((spec) => [spec.op, spec] as const))('%s', async (_, spec) => {
    const team = scatteredTeam(await engine);
    for (const c of expectations(spec)) expectCase(spec, c, await engine, arithmetic, team);
  });
});

// What lowerings read at compile time may be computed, too: plans end where it must be known.
describe('computed parameters', () => {
  const engine = Engine.create({ build: builds[0]! });
  const found = specs.filter(({ op }) => /(LSTM|RNN|SVDF|CONV|CONV_2D|FULLY_CONNECTED)$/.test(op));
  test.each(found.map((spec) => [spec.op, spec] as const))('%s', async (op, spec) => {
    for (const c of expectations(spec)) {
      // Products read nothing else at compile time alone.
      const reads = c.case.inputs.some((input) => input?.dtype === 'int16' || input?.blocks);
      if (!(reads || /(LSTM|RNN|SVDF)$/.test(op))) continue;
      expectCase(spec, { ...c, case: feedAll(c.case) }, await engine, 'exact');
    }
  });
});

// Some of TFLite's kernels set the type of their output.
test.each([
  ['MAXIMUM', 'int32'],
  ['EXPAND_DIMS', 'int32'],
  ['EQUAL', 'bool'],
  ['WHERE', 'int64'],
] as const)('%s gives %s whatever the file says', async (op, dtype) => {
  const engine = await Engine.create({ build: builds[0]! });
  const c = (x: TensorSpec, ...more: TensorSpec[]): OpCase => ({
    name: op,
    inputs: [x, ...more],
    outputs: [{ dtype: 'float32', shape: [1] }],
  });
  const x: TensorSpec = { dtype: 'int32', shape: [1], data: Int32Array.of(0), constant: true };
  const [got] = runOp(op, op === 'WHERE' ? c(x) : c(x, x), engine, operators, 'exact');
  expect(got!.data).toBeInstanceOf(typedArrayOf(dtype));
});

/** These compute what other graphs say: test/control.test.ts. */
const CONTROL = ['CALL', 'CALL_ONCE', 'IF', 'STABLEHLO_CASE', 'STABLEHLO_COMPOSITE', 'WHILE'];

test.each(allOperators.map((operator) => operator.name))('%s has a specification', (name) => {
  expect(CONTROL.includes(name) || specs.some((spec) => spec.op === name)).toBe(true);
});

test('every operator is registered once', () => {
  const names = allOperators.map((operator) => operator.name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
