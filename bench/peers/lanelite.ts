// Ours, as it ships: dist/browser.js, or what `lanelite build` wrote. Variants: `relaxed fast`, `simd exact` …
import type { Arithmetic, Build } from '../../bindings/index.js';
import type { Instantiate } from './contender.js';

export const instantiate: Instantiate = async ({ variant, threads, entry = '/dist/browser.js' }) => {
  const [build, arithmetic] = variant.split(' ') as [Build, Arithmetic];
  const { Interpreter, loadModel } = (await import(entry)) as typeof import('../../bindings/index.js');
  const more = '/dist/ops-extra.browser.js';
  const extra = (): Promise<typeof import('../../bindings/ops/extra.js')> => import(more);
  return {
    async load(bytes) {
      const model = await loadModel(bytes, { build, threads });
      const signals = model.definition.subgraphs.some((graph) =>
        graph.operators.some(({ op }) => op.startsWith('Signal')),
      );
      const customOps = signals ? (await extra()).extra : [];
      const interpreter = await Interpreter.create(model, { arithmetic, threads, customOps });
      return {
        threads: interpreter.info.threads,
        infer(inputs) {
          for (let i = 0; i < inputs.length; i++) interpreter.inputs[i]!.set(inputs[i]!);
          interpreter.invoke();
          return interpreter.outputs.map((tensor) => tensor.bytes());
        },
      };
    },
  };
};
