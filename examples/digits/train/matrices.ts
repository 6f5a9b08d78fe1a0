// Memory and the matrix product for training: gemm.as, compiled when it is first needed.
import { readFileSync } from 'node:fs';
import { main } from 'assemblyscript/asc';

type Gemm = (m: number, n: number, k: number, a: number, aRow: number, aColumn: number, b: number, y: number) => void;

async function compile(): Promise<Uint8Array<ArrayBuffer>> {
  const source = readFileSync('examples/digits/train/gemm.as', 'utf8');
  let binary = new Uint8Array(0);
  const { error, stderr } = await main(
    ['gemm.ts', '--outFile', 'gemm.wasm', '-O3', '--runtime', 'stub', '--importMemory', '--enable', 'simd'],
    {
      readFile: (name) => (name === 'gemm.ts' ? source : null),
      writeFile: (name, contents) => {
        if (name === 'gemm.wasm') binary = new Uint8Array(contents as Uint8Array);
      },
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`gemm.as: ${stderr.toString()}`);
  return binary;
}

const memory = new WebAssembly.Memory({ initial: 1024 });
const { instance } = await WebAssembly.instantiate(await compile(), { env: { memory, abort() {} } });
const gemm = instance.exports.gemm as Gemm;
let used = 1024;

/** Zeroed floats that `multiply` can reach. */
export function allocate(length: number): Float32Array {
  const floats = new Float32Array(memory.buffer, used, length);
  used += (length * 4 + 15) & ~15;
  return floats;
}

/** y[m, n] += a · b, or with `transposed`, a lying as [k, m], y += aᵀ · b. */
export function multiply(
  [m, n, k]: readonly [m: number, n: number, k: number],
  a: Float32Array,
  b: Float32Array,
  y: Float32Array,
  transposed = false,
): void {
  gemm(m, n, k, a.byteOffset, transposed ? 1 : k, transposed ? m : 1, b.byteOffset, y.byteOffset);
}
