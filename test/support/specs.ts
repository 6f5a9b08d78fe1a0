// All specifications, and what their references make of cases.
import { Resources } from './resources.js';
import type { NodeSpec, OpCase, OpSpec, ReferenceResult, ReferenceTensor, TensorSpec } from './spec.js';

const modules = import.meta.glob<{ default: OpSpec | OpSpec[] }>('../ops/**/*.ts', { eager: true });

export const specs: readonly OpSpec[] = Object.values(modules).flatMap((module) => module.default);

export const specByOp: ReadonlyMap<string, OpSpec> = new Map(specs.map((spec) => [spec.op, spec]));

/** Outputs of a case's node, those of the nodes after it, then what variables among its inputs hold. */
export function referenceOf(spec: OpSpec, c: OpCase): ReferenceResult[] {
  const resources = new Resources();
  const computed = new Map<TensorSpec, ReferenceResult>();
  const run = (spec: OpSpec, node: Pick<OpCase, 'inputs' | 'outputs'> & Partial<OpCase>) => {
    const results = spec.reference({
      options: node.options ?? {},
      customOptions: node.customOptions,
      inputs: node.inputs.map((input) => input && ({ ...input, ...computed.get(input) } as ReferenceTensor)),
      outputs: node.outputs,
      intermediates: node.intermediates ?? [],
      body: node.body,
      resources,
    });
    for (const [i, output] of node.outputs.entries()) computed.set(output, results[i]!);
    return results;
  };
  const runAll = (nodes: readonly NodeSpec[] = []) =>
    nodes.flatMap((node) => run(specByOp.get(node.op)!, node).slice(0, node.outputs.length));
  runAll(c.before);
  const own = run(spec, c);
  const after = runAll(c.after);
  return [...own.slice(0, c.outputs.length), ...after, ...own.slice(c.outputs.length)];
}
