import type { Engine } from '../../bindings/runtime/engine.js';
import type { Kernels } from '../../bindings/runtime/kernels.js';

type Kernel = (...args: number[]) => number | undefined;

/** Makes every kernel of `engine` do its range of units in three calls, the last units first. */
export function splitUnits(engine: Engine): Engine {
  const split = (kernel: Kernel): Kernel => {
    return (...args) => {
      const end = args.pop();
      const begin = args.pop();
      if (begin === undefined || end === undefined) return kernel(...args, ...[begin, end].flatMap((a) => a ?? []));
      const third = Math.ceil((end - begin) / 3);
      if (!(third > 0)) return kernel(...args, begin, end);
      let status: number | undefined;
      for (const from of [begin + 2 * third, begin + third, begin]) {
        const to = Math.min(from + third, end);
        if (from < to) status = kernel(...args, from, to) || status;
      }
      return status;
    };
  };
  const kernels = Object.entries(engine.kernels).map(([name, member]) => {
    return [name, typeof member === 'function' && member.length > 1 ? split(member as Kernel) : member];
  });
  Object.assign(engine, { kernels: Object.fromEntries(kernels) as Kernels });
  return engine;
}
