// A model as it starts soonest: `lanelite compile`, and `lanelite build` for what that wrote.
import { buildSelective } from '../../bindings/tools/build.js';
import { compileModel } from '../../bindings/tools/compile.js';
import type { BenchModel } from './models.js';

const DIR = 'build/bench-compiled';

/** The compiled model, and the path of a runtime for it alone. */
export async function compileForBench({ name, bytes }: BenchModel): Promise<{ bytes: Uint8Array; entry: string }> {
  const compiled = await compileModel(bytes);
  const dir = `${DIR}/${name}`;
  await buildSelective([compiled.bytes], dir, { builds: ['relaxed'] });
  return { bytes: compiled.bytes, entry: `/${dir}/lanelite.js` };
}
