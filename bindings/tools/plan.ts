/**
 * `lanelite plan`: the compiled plan as text, one kernel call a line, pointers by the tensor they point into. Names and
 * types of the kernels' parameters come from the declarations that the build leaves beside the wasm; without them,
 * arguments print as bare numbers.
 */
import { readFileSync } from 'node:fs';
import { byteLength, elementCount } from '../dtype.js';
import type { Instruction, Interpreter, Plan } from '../index.js';
import { shape as shapeText, table } from './text.js';

export interface PlanArgument {
  readonly name: string;
  /** The number passed. */
  readonly value: number;
  /** For pointers: `%17`, `%17+64` (bytes into tensor 17), or null for tables, packed weights and scratch. */
  readonly tensor: string | null;
  readonly pointer: boolean;
}

export interface PlanInstruction {
  readonly kernel: string;
  readonly arguments: readonly PlanArgument[];
  readonly units: number;
  readonly node: { readonly op: string; readonly index: number };
  /** Of the operator's first output. */
  readonly shape: readonly number[];
  /** Of the operator; 0 on all but one of its instructions, so that sums are right. */
  readonly macs: number;
}

interface Parameter {
  readonly name: string;
  readonly pointer: boolean;
}

let signatures: ReadonlyMap<string, readonly Parameter[]> | null = null;

/** Parameters of each kernel, from `kernels.d.ts`. */
export function parseKernelSignatures(declarations: string): Map<string, Parameter[]> {
  const result = new Map<string, Parameter[]>();
  for (const [, doc, name] of declarations.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\s*(\w+)\(/g)) {
    const parameters = [...doc!.matchAll(/@param (\w+) `(\w+)`/g)];
    result.set(
      name!,
      parameters.map(([, parameter, type]) => ({ name: parameter!, pointer: type === 'usize' })),
    );
  }
  return result;
}

function kernelSignatures(): ReadonlyMap<string, readonly Parameter[]> {
  if (signatures) return signatures;
  signatures = new Map();
  // Beside the bundle in dist/; in build/ when the sources run directly.
  for (const candidate of ['./kernels.d.ts', '../../build/kernels.d.ts']) {
    try {
      signatures = parseKernelSignatures(readFileSync(new URL(candidate, import.meta.url), 'utf8'));
      break;
    } catch {
      // The next place, or no names.
    }
  }
  return signatures;
}

/** All instructions of the interpreter's plans, described. */
export function describeInstructions(interpreter: Interpreter): PlanInstruction[] {
  const { operators } = interpreter.model.resources;
  const counted = new Set<unknown>();
  return interpreter.plans.flatMap((plan) => {
    // An operator's work is in its instruction with the most units, copies and packing aside.
    const main = new Map<unknown, Instruction>();
    for (const instruction of plan.instructions) {
      const best = main.get(instruction.node);
      if (!best || (best.kernel === 'x8_copy' && instruction.kernel !== 'x8_copy'))
        main.set(instruction.node, instruction);
    }
    return plan.instructions.map((instruction): PlanInstruction => {
      const { kernel, node, units } = instruction;
      const counts = main.get(node) === instruction && !counted.has(node);
      if (counts) counted.add(node);
      return {
        kernel,
        arguments: describeArguments(instruction, plan),
        units,
        node: { op: node.op, index: node.index },
        shape: node.outputs[0]?.shape ?? [],
        macs: counts ? (operators.get(node.op)?.macs?.(node) ?? 0) : 0,
      };
    });
  });
}

function describeArguments({ kernel, args, node }: Instruction, plan: Plan): PlanArgument[] {
  const parameters = kernelSignatures().get(kernel);
  const inputs = node.inputs.filter((value) => value !== null);
  const { outputs } = node;
  // The last two are the range of units, printed by their count.
  return args.slice(0, -2).map((value, i) => {
    const { name = '', pointer = false } = parameters?.[i] ?? {};
    let tensor: string | null = null;
    // Where an operator works in place, the name tells which end is meant: kernels call their output y.
    const values = name === 'y' ? [...outputs, ...inputs] : [...inputs, ...outputs];
    for (const candidate of pointer ? values : []) {
      const address = plan.addresses.get(candidate) ?? candidate.constant?.address;
      const size = candidate.constant?.bytes ?? byteLength(candidate.dtype, elementCount(candidate.shape));
      if (address === undefined || value < address || value >= address + Math.max(size, 1)) continue;
      tensor = `%${candidate.id}${value > address ? `+${value - address}` : ''}`;
      break;
    }
    return { name, value, pointer, tensor };
  });
}

const formatArgument = ({ name, value, pointer, tensor }: PlanArgument) =>
  `${name && `${name}=`}${tensor ?? (pointer ? (value ? `0x${value.toString(16)}` : '0') : formatNumber(value))}`;

const formatNumber = (value: number) =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));

export function formatPlan(interpreter: Interpreter): string {
  const described = describeInstructions(interpreter);
  const lines: string[] = [];
  let at = 0;
  for (const [segment, plan] of interpreter.plans.entries()) {
    if (segment > 0) lines.push(`; segment ${segment}`);
    let last: unknown = null;
    for (const { node } of plan.instructions) {
      const { kernel, arguments: args, units, shape } = described[at]!;
      if (node !== last) lines.push(`; node ${node.index} ${node.op} -> ${shapeText(shape)}`);
      last = node;
      const number = String(at++).padStart(4);
      lines.push(`${number}  ${kernel}(${args.map(formatArgument).join(', ')}) units ${units}`);
    }
    if (plan.pending) {
      const { value, node } = plan.pending;
      const { op, index } = plan.graph.nodes[node]!;
      const known = segment + 1 < interpreter.plans.length;
      lines.push(
        value
          ? `; ${op} (node ${index}) reads %${value.id} '${value.name}' to know its shapes` +
              (known ? '' : ': the rest is compiled once a run has computed it (pass --seed)')
          : `; ${op} (node ${index}) runs here`,
      );
    }
  }
  return lines.join('\n');
}

/** Tensors that the plans give an address, for the reader of `formatPlan`. */
export function formatPlanTensors(interpreter: Interpreter): string {
  const seen = new Set<number>();
  const rows: string[][] = [];
  for (const plan of interpreter.plans) {
    for (const [value, address] of plan.addresses) {
      if (seen.has(value.id)) continue;
      seen.add(value.id);
      const size = byteLength(value.dtype, elementCount(value.shape));
      rows.push([
        `%${value.id}`,
        `0x${address.toString(16)}`,
        String(size),
        value.dtype,
        shapeText(value.shape),
        value.name,
      ]);
    }
  }
  rows.sort((a, b) => Number(a[0]!.slice(1)) - Number(b[0]!.slice(1)));
  return table(
    [
      { title: 'tensor' },
      { title: 'address', align: 'right' },
      { title: 'bytes', align: 'right' },
      { title: 'type' },
      { title: 'shape' },
      { title: 'name' },
    ],
    rows,
  );
}
