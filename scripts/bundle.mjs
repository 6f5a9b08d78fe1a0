// Bundles for hosts that load the runtime over a network. Rollup leaves what several chunks need in the entry, and the chunks
// that are imported on demand take it from there, so the entry is one file (esbuild would tear it in two). No names of
// files outside dist/ are resolved: `new URL('./lanelite.simd.wasm', import.meta.url)` stays for the next bundler, or the host.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { transform } from 'esbuild';
import { rollup } from 'rollup';
import { minify } from 'terser';

const TARGET = { target: 'es2022', format: 'esm', legalComments: 'none' };

/** `const enum` members of the kernels' opcode tables by qualified name; compiling file by file, esbuild can't inline them. */
function opcodes() {
  const text = readFileSync('assembly/lib/opcodes.ts', 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const members = new Map();
  for (const [, name, body] of text.matchAll(/const enum (\w+) \{([^}]*)\}/g)) {
    let value = -1;
    for (const [, member, given] of body.matchAll(/(\w+)(?:\s*=\s*(\d+))?/g)) {
      value = given ? Number(given) : value + 1;
      members.set(`${name}.${member}`, value);
    }
  }
  return members;
}

/** TypeScript to JavaScript, with opcodes as numbers, minified at the end. */
function typescript() {
  const members = opcodes();
  return {
    name: 'typescript',
    resolveId: (id, importer) =>
      importer && /^\..*\.js$/.test(id) ? join(dirname(importer), `${id.slice(0, -2)}ts`) : null,
    async transform(text, id) {
      const code = text.replace(/\b\w+Op\.\w+|\b(?:CastType|RelaxedDot)\.\w+/g, (name) =>
        String(members.get(name) ?? name),
      );
      return (
        await transform(code, {
          ...TARGET,
          loader: 'ts',
          sourcefile: id,
          tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
        })
      ).code;
    },
    // Four per cent smaller behind brotli than what esbuild makes of it. What is turned off would save raw bytes only.
    async renderChunk(code) {
      const compress = {
        passes: 3,
        sequences: false,
        hoist_funs: true,
        pure_getters: true,
        inline: 1,
        unsafe_arrows: true,
        unsafe_methods: true,
        comparisons: false,
        lhs_constants: false,
        loops: false,
      };
      return (await minify(code, { module: true, ecma: 2020, compress })).code;
    },
  };
}

/**
 * Lets chunks import what they take from the entry by the names that it has there. Rollup makes up others, and a list of pairs of
 * short names is what compresses worst. Names that users import are longer.
 */
function shareNames(entry, others) {
  const names = new Map();
  entry.code = entry.code.replace(/export\{([^}]*)\};?\s*$/, (_, list) => {
    const items = list.split(',').map((item) => item.split(' as '));
    const isInternal = ([local, name = local]) => name.length < 4;
    for (const [local, name = local] of items.filter(isInternal)) names.set(name, local);
    const exported = items.filter((item) => !isInternal(item)).map((item) => item.join(' as '));
    const shared = [...names.values()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    return `export{${[...shared, ...exported].join()}};`;
  });
  const from = new RegExp(`import\\{([^}]*)\\}from"\\./${entry.fileName}"`, 'g');
  for (const chunk of others) {
    chunk.code = chunk.code.replace(from, (_, list) => {
      const imported = list.split(',').map((item) => {
        const [name, local = name] = item.split(' as ');
        const there = names.get(name) ?? name;
        return there === local ? local : `${there} as ${local}`;
      });
      return `import{${imported.join()}}from"./${entry.fileName}"`;
    });
  }
}

/** Stands for the digest of all chunks in their names until it is known. */
const DIGEST = '-digest';

/** Writes `bindings/<name>.ts` to `dist/<name>.js`, and what it imports on demand beside it. */
export async function bundle(name, dir = 'dist') {
  const build = await rollup({
    input: { [name]: `bindings/${name}.ts` },
    external: /\.wasm$/,
    makeAbsoluteExternalsRelative: false,
    preserveEntrySignatures: 'allow-extension',
    treeshake: 'smallest',
    plugins: [typescript()],
    onwarn(warning) {
      throw new Error(warning.message);
    },
  });
  const output = { dir, format: 'es', entryFileNames: '[name].js', chunkFileNames: `[name]${DIGEST}.js` };
  const { output: chunks } = await build.generate(output);
  await build.close();
  const entry = chunks.find((chunk) => chunk.isEntry);
  shareNames(
    entry,
    chunks.filter((chunk) => chunk !== entry),
  );
  // One digest for all, as each depends on the names in the others. Brotli makes up to 0.5 % more of one than of another, so the
  // entry takes the best of some, instead of growing and shrinking with what is in other chunks.
  const hash = createHash('sha256');
  for (const { code } of chunks) hash.update(code);
  const digests = Array.from({ length: 64 }, (_, i) => `-${hash.copy().update(`${i}`).digest('hex').slice(0, 6)}`);
  const sizes = digests.map((digest) => brotliCompressSync(entry.code.replaceAll(DIGEST, digest)).length);
  const digest = digests[sizes.indexOf(Math.min(...sizes))];
  mkdirSync(dir, { recursive: true });
  for (const chunk of chunks) {
    chunk.fileName = chunk.fileName.replace(DIGEST, digest);
    chunk.code = chunk.code.replaceAll(`${DIGEST}.js`, `${digest}.js`);
    writeFileSync(join(dir, chunk.fileName), chunk.code);
  }
  return chunks;
}

/** Writes the modules that `lanelite build` bundles, one a source file, to `dist/modules`. */
export async function modules(dir = 'dist/modules') {
  const entries = ['index', 'hosts/browser', 'hosts/node', 'hosts/workerd'];
  const operators = ['standard', 'common', 'extended', 'extra', 'full', 'selective'].map((name) => `ops/${name}`);
  const { renderChunk: _, ...plugin } = typescript();
  const build = await rollup({
    input: [...entries, ...operators].map((name) => `bindings/${name}.ts`),
    external: /^node:/,
    treeshake: false,
    plugins: [plugin],
  });
  const root = { preserveModules: true, preserveModulesRoot: process.cwd() };
  await build.write({ dir, format: 'es', entryFileNames: '[name].js', ...root });
  await build.close();
}
