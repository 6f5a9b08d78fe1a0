import { main } from 'assemblyscript/asc';

/** The kernels as the simd build has them, but for further flags of the compiler. */
export async function compileKernels(...flags: string[]): Promise<WebAssembly.Module> {
  let wasm: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await main(['--target', 'simd', ...flags], {
    writeFile(name, contents) {
      if (name.endsWith('.wasm')) wasm = contents as Uint8Array<ArrayBuffer>;
    },
  });
  if (error || !wasm) throw new Error(stderr.toString(), { cause: error });
  return new WebAssembly.Module(wasm);
}
