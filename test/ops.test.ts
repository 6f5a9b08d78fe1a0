import { describe, expect, test } from 'vitest';
import { RelaxedDot } from '../assembly/lib/opcodes.js';
import { extra } from '../bindings/ops/extra.js';
import { Engine } from '../bindings/runtime/engine.js';
import type { Team } from '../bindings/threads/host.js';
import { arithmetics, builds } from './support/builds.js';
import { difference, isFloat, numbers } from './support/compare.js';
import { compileKernels } from './support/compile-kernels.js';
import { allOperators } from './support/operators.js';
import { Rng } from './support/random.js';
import { runOp } from './support/run-op.js';
import { scatteredTeam } from './support/scattered-team.js';
import type { OpCase, OpSpec, ReferenceResult, Tolerance } from './support/spec.js';
import { splitUnits } from './support/split-units.js';

// Every specification in test/ops, against every build in both arithmetics.
const specs = Object.values(import.meta.glob<{ default: OpSpec | OpSpec[] }>('./ops/**/*.ts', { eager: true })).flatMap(
  (module) => module.default,
);
const operators = new Map([...allOperators, ...extra].map((operator) => [operator.name, operator]));
const RANDOM_CASES = Number(process.env.LANELITE_RANDOM_CASES ?? 24);
const SEED = Number(process.env.LANELITE_SEED ?? 1);

function expectCase(spec: OpSpec, c: OpCase, engine: Engine, arithmetic: 'exact' | 'fast', team?: Team): void {
  const variables = c.inputs.flatMap((input) => (input?.variable ? [input] : []));
  const run = (states: readonly ReferenceResult[]) => {
    let next = 0;
    return spec.reference({
      options: c.options ?? {},
      customOptions: c.customOptions,
      inputs: c.inputs.map(
        (input) => input && { ...input, data: (input.variable && states[next++]?.data) || input.data! },
      ),
      outputs: c.outputs,
      intermediates: c.intermediates ?? [],
      body: c.body,
    });
  };
  let expected = run([]);
  if (variables.length) expected = run(expected.slice(c.outputs.length));
  const got = runOp(spec.op, c, engine, operators, arithmetic, team);
  const stated: Tolerance = spec.tolerance?.(c) ?? {};
  for (const [i, { dtype }] of [...c.outputs, ...variables].entries()) {
    expect(got[i]!.shape, `${c.name}: shape of output ${i}`).toEqual([...expected[i]!.shape]);
    const largest = numbers(dtype, expected[i]!.data).reduce(
      (m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m),
      0,
    );
    const tolerance = isFloat(dtype)
      ? { rtol: stated.rtol ?? 0, atol: stated.atol ?? (stated.rtol === undefined ? 1e-6 * largest : 0) }
      : { lsb: arithmetic === 'fast' ? (stated.lsb ?? 1) : 0 };
    expect(difference(dtype, got[i]!.data, expected[i]!.data, tolerance), `${c.name}: output ${i}`).toBe(null);
  }
}

describe.each(builds)('%s build', (build) => {
  describe.each(arithmetics)('%s', (arithmetic) => {
    const engine = Engine.create({ build });
    test.each(specs.map((spec) => [spec.op, spec] as const))('%s', async (_, spec) => {
      for (const c of spec.cases) expectCase(spec, c, await engine, arithmetic);
      if (!spec.random) return;
      for (let i = 0; i < RANDOM_CASES; i++) {
        const seed = SEED * 1000 + i;
        const c = spec.random(new Rng(seed));
        expectCase(spec, { ...c, name: `${c.name} (seed ${seed})` }, await engine, arithmetic);
      }
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
    const random = spec.random
      ? Array.from({ length: RANDOM_CASES }, (_, i) => spec.random!(new Rng(SEED * 1000 + i)))
      : [];
    for (const c of [...spec.cases, ...random]) {
      if (!c.inputs.some((input) => /^u?int[48]$/.test(input?.dtype ?? ''))) continue;
      for (const arithmetic of arithmetics) expectCase(spec, c, await engine, arithmetic);
    }
  });
});

// Threads will split units at will: three calls, the last units first, give the same result.
describe('split units', () => {
  const engine = Engine.create({ build: builds[0]! }).then((whole) => splitUnits(whole));
  test.each(specs.map((spec) => [spec.op, spec] as const))('%s', async (_, spec) => {
    for (const c of spec.cases) expectCase(spec, c, await engine, 'exact');
  });
});

// And each thread has scratch memory of its own.
describe.each(arithmetics)('scattered over threads, %s', (arithmetic) => {
  const engine = Engine.create({ build: builds[0]! });
  test.each(specs.map((spec) => [spec.op, spec] as const))('%s', async (_, spec) => {
    const team = scatteredTeam(await engine);
    for (const c of spec.cases) expectCase(spec, c, await engine, arithmetic, team);
    if (!spec.random) return;
    for (let i = 0; i < RANDOM_CASES; i++) {
      expectCase(spec, spec.random(new Rng(SEED * 1000 + i)), await engine, arithmetic, team);
    }
  });
});

/** What these do shows in more than one node: test/control.test.ts, test/hash-table.test.ts, test/strings.test.ts. */
const CONTROL = `CALL CALL_ONCE IF STABLEHLO_CASE STABLEHLO_COMPOSITE WHILE
  ASSIGN_VARIABLE READ_VARIABLE VAR_HANDLE HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE SKIP_GRAM`.split(
  /\s+/,
);

test.each(allOperators.map((operator) => operator.name))('%s has a specification', (name) => {
  expect(CONTROL.includes(name) || specs.some((spec) => spec.op === name)).toBe(true);
});

test('every operator is registered once', () => {
  const names = allOperators.map((operator) => operator.name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
