import { checkStatus, type Instruction, type Plan } from '../../bindings/graph/compile.js';
import type { Engine } from '../../bindings/runtime/engine.js';
import type { Team } from '../../bindings/threads/host.js';

/**
 * Three threads one after the other: each kernel call is done in three uneven shares, the last units first, by threads that
 * find rubbish in their scratch memory. What goes through this is fit for real threads, but for what happens at the same time.
 */
export function scatteredTeam(engine: Engine): Team {
  const run = (plan: Plan): void => {
    const { scratchStride: stride, instructions } = plan;
    const base = Math.min(...instructions.flatMap(({ scratch, args }) => scratch.map((i) => args[i]!)));
    for (const instruction of instructions) {
      for (const [thread, [begin, end]] of sharesOf(instruction).entries()) {
        const args = [...instruction.args.slice(0, -2), begin, end];
        for (const i of instruction.scratch) args[i]! += thread * stride;
        if (base < Infinity) engine.bytes.fill(0xa5, base, base + 3 * stride);
        checkStatus(instruction, instruction.run(...args));
      }
    }
  };
  return { count: 3, reason: null, run, runAsync: async (plan) => run(plan), close() {} };
}

function sharesOf({ units }: Instruction): [number, number][] {
  const [a, b] = [Math.ceil(units / 4), Math.ceil((3 * units) / 4)];
  const shares: [number, number][] = [
    [b, units],
    [a, b],
    [0, a],
  ];
  return shares.filter(([begin, end]) => begin < end);
}
