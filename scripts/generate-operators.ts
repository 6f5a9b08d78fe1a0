// npm run generate:operators [-- --check]: docs/operators.md, from the registry, the specifications in test/ops (a dtype counts
// if a specification exercises it, a kernel if a plan of one calls it) and the corpus in test/conformance.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { RelaxedDot } from '../assembly/lib/opcodes.js';
import type { Arithmetic } from '../bindings/graph/compile.js';
import { Engine } from '../bindings/node.js';
import { extra } from '../bindings/ops/extra.js';
import { standardRegistry } from '../bindings/ops/registry.js';
import { CORPUS, readCorpus } from '../test/support/corpus.js';
import { allOperators, readModel } from '../test/support/operators.js';
import { Rng } from '../test/support/random.js';
import { compileOp } from '../test/support/run-op.js';
import type { OpCase, OpSpec } from '../test/support/spec.js';

const FILE = 'docs/operators.md';

async function loadSpecs(): Promise<OpSpec[]> {
  const files = readdirSync('test/ops', { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts'));
  const contents = files.map((name, i) => `import s${i} from './test/ops/${name}';`).join('\n');
  const outfile = `build/scripts/specs-${process.pid}.mjs`;
  await build({
    stdin: {
      contents: `${contents}\nexport default [${files.map((_, i) => `s${i}`)}].flat();`,
      resolveDir: process.cwd(),
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  return (await import(pathToFileURL(outfile).href)).default;
}

function dtypeOf({ inputs: all, outputs }: OpCase): string | undefined {
  // Which resource it is says nothing.
  const inputs = all.filter((input) => input?.dtype !== 'resource');
  const main = inputs.find((input) => input && !input.constant) ?? inputs[0] ?? outputs[0];
  const weights = inputs[1];
  const hybrid = main?.dtype === 'float32' && weights && /^u?int[248]$/.test(weights.dtype) && weights.constant;
  return hybrid ? `float32 × ${weights.dtype} (hybrid)` : main?.dtype;
}

const operators = [...allOperators, ...extra].sort((a, b) => (a.name < b.name ? -1 : 1));
const byName = new Map(operators.map((operator) => [operator.name, operator]));
const isExtra = new Set(extra.map(({ name }) => name));
const isStandard = new Set(standardRegistry.operators.map(({ name }) => name));
const specs = new Map((await loadSpecs()).map((spec) => [spec.op, spec]));
// Machines differ in their relaxed dot products, and the kernels that go with them.
const targets: { engine: Engine; arithmetic: Arithmetic }[] = [];
for (const relaxedDot of [RelaxedDot.NONE, RelaxedDot.UNSIGNED]) {
  const engine = Object.assign(await Engine.create({ build: 'simd' }), { relaxedDot });
  targets.push({ engine, arithmetic: 'fast' }, { engine, arithmetic: 'exact' });
}

/** Kernels by the operators that call them. */
const callers = new Map<string, Set<string>>();
const dtypes = new Map<string, Set<string>>();
for (const [name, spec] of specs) {
  const found = new Set<string>();
  dtypes.set(name, found);
  const note = (c: OpCase | undefined, which: typeof targets) => {
    const dtype = c && dtypeOf(c);
    if (!c || !dtype) return;
    found.add(dtype);
    for (const { engine, arithmetic } of which) {
      const { runner, release } = compileOp(name, c, engine, byName, arithmetic);
      for (const { kernel } of runner.plans.flatMap(({ instructions }) => instructions)) {
        callers.set(kernel, (callers.get(kernel) ?? new Set()).add(name));
      }
      release();
    }
  };
  for (const c of spec.cases) note(c, targets);
  for (let seed = 0; seed < 200; seed++) note(spec.random?.(new Rng(seed)), [targets[seed % targets.length]!]);
}

/** Versions and cases of each operator in the corpus. */
const versions = new Map<string, Set<number>>();
const cases = new Map<string, number>();
let total = 0;
for (const folder of readCorpus(CORPUS)) {
  total += folder.cases.length;
  for (const c of folder.cases) {
    for (const op of c.ops) cases.set(op, (cases.get(op) ?? 0) + 1);
    const { subgraphs } = readModel(new Uint8Array(readFileSync(join(folder.path, c.file))));
    for (const { op, version } of subgraphs.flatMap((graph) => graph.operators)) {
      versions.set(op, (versions.get(op) ?? new Set()).add(version));
    }
  }
}

/** 1, 2, 3, 5 as `1–3, 5`. */
function ranges(numbers: Iterable<number>): string {
  const list = [...numbers].sort((a, b) => a - b);
  const groups: number[][] = [];
  for (const n of list) {
    const last = groups.at(-1);
    if (last?.at(-1) === n - 1) last.push(n);
    else groups.push([n]);
  }
  return groups.map((group) => (group.length > 1 ? `${group[0]}–${group.at(-1)}` : `${group[0]}`)).join(', ');
}

const loaded = (name: string) => (isExtra.has(name) ? 'extra' : isStandard.has(name) ? 'entry' : 'on demand');
const rows = operators.map(({ name }) => {
  const found = [...(dtypes.get(name) ?? [])].sort().join(', ');
  return `| ${name} | ${found} | ${ranges(versions.get(name) ?? [])} | ${cases.get(name) ?? ''} | ${loaded(name)} |`;
});

const families = new Map<string, { kernels: Set<string>; operators: Set<string> }>();
for (const file of readdirSync('assembly/kernels').sort()) {
  const exported = [...readFileSync(`assembly/kernels/${file}`, 'utf8').matchAll(/^export function (\w+)/gm)];
  const called = exported.map(([, name]) => name!).filter((name) => callers.has(name));
  if (!called.length) continue;
  const family = { kernels: new Set(called), operators: new Set(called.flatMap((name) => [...callers.get(name)!])) };
  families.set(file.replace('.ts', ''), family);
}
const kernels = [...families].map(
  ([name, family]) => `| ${name} | ${family.kernels.size} | ${family.operators.size} | ${list(family.operators)} |`,
);

function list(names: Iterable<string>): string {
  const sorted = [...names].sort();
  return sorted.length > 8 ? `${sorted.slice(0, 7).join(', ')} …` : sorted.join(', ');
}

const fresh = `# Operators

<!-- generated by npm run generate:operators -->
${operators.length} operators, computed by ${callers.size} kernels in ${families.size} files. A dtype is that of the first input that is not constant (\`hybrid\`: float32 activations, quantized at run time, times stored integers); each is exercised by the operator's specification in \`test/ops\`, which holds a reference in plain TypeScript. Where none is given, the operator calls subgraphs, or handles resources; \`test/*.test.ts\` specify those. *Versions* are those that occur in the corpus (\`test/conformance\`, ${total} small models with the outputs of TFLite's kernels), *cases* the models of it that have the operator. *Loaded* says where it is: in the browser's entry (wider forms and dtypes on demand), on demand, or in \`lanelite/ops/extra\`.

An operator or a form of one that is not here ends in an \`UnsupportedOperatorError\` that names it. \`registerCustomOp\` adds your own; see the [README](../README.md#custom-operators).

| operator | dtypes | versions | cases | loaded |
|---|---|---|---|---|
${rows.join('\n')}

## Kernels
Families of kernels (\`assembly/kernels\`), how many of their functions plans call, and for how many operators. Copies, gathers and tables serve many; what has no kernel here is computed in JavaScript between two plans (outputs as long as their data say, strings), or is another operator's.

| family | kernels | operators | |
|---|---|---|---|
${kernels.join('\n')}
`;

if (process.argv.includes('--check')) {
  if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== fresh) {
    console.error(`${FILE} is stale: npm run generate:operators`);
    process.exitCode = 1;
  }
} else writeFileSync(FILE, fresh);
