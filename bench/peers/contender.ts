// What the measuring page asks of a runtime. Tensors are raw little-endian bytes in the order of the model's main graph.

export interface Setup {
  /** Variant of the runtime, in its own words. */
  readonly variant: string;
  readonly threads: number;
  /** Script of the runtime, where it is not what the adapter takes by itself. */
  readonly entry?: string;
  /** Of the inputs. */
  readonly shapes: readonly (readonly number[])[];
  /** Names in the model's first signature by position; null where the model has none. */
  readonly signature: { readonly inputs: readonly string[]; readonly outputs: readonly string[] } | null;
}

/** A model that is ready to run. */
export interface Session {
  /** Threads that it really uses. */
  readonly threads: number;
  /** One inference as an application does it: inputs in, run, copies of the outputs out. */
  infer(inputs: readonly Uint8Array[]): Uint8Array[];
}

export interface Runtime {
  load(model: Uint8Array): Promise<Session>;
}

/** Loads scripts and wasm; everything that a page pays for before it can load a model. */
export type Instantiate = (setup: Setup) => Promise<Runtime>;

export function runScript(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`cannot load ${url}`));
    document.head.append(script);
  });
}
