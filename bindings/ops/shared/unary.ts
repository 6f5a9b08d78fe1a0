import type { BinaryOp, UnaryOp } from '../../../assembly/lib/opcodes.js';
import type { DType } from '../../dtype.js';
import { count, input, invalid, type OpNode, output, perTensor, unsupported, type Value } from '../../graph/ir.js';
import type { Activation } from '../../quantization.js';
import { integerRange } from '../../quantization.js';
import type { Arg, Operator, PlanBuilder } from '../operator.js';
import { broadcastBlock } from './broadcast.js';
import { convert, converted } from './convert.js';
import { lowerTable, tableKey } from './look-up.js';
import type { Affine, QuantizedFunction } from './tables.js';

/** An element-wise operator of one input. */
export interface Unary {
  readonly name: string;
  readonly float?: UnaryOp | ((node: OpNode) => UnaryOp);
  /** Result of a quantized value, for the types listed. */
  readonly quantized?: {
    readonly dtypes: readonly DType[];
    table(node: OpNode, x: Affine, y: Affine): QuantizedFunction;
  };
  /** On plain integers (or float64): which operator, and whether the input is its second operand, after a zero. */
  readonly integer?: { readonly dtypes: readonly DType[]; readonly op: BinaryOp; readonly second?: boolean };
  readonly clamp?: Activation;
}

/** Types of which the elements are computed in float32. */
const HALVES: readonly DType[] = ['float16', 'bfloat16'];

/** Calls `run` with float32 views of halves: operands converted before, the result after. */
export function throughFloat(
  plan: PlanBuilder,
  inputs: readonly Value[],
  y: Value,
  run: (inputs: readonly Arg[], y: Arg) => void,
): void {
  if (!HALVES.includes(y.dtype)) {
    run(inputs, y);
    return;
  }
  const result = plan.temporary(4 * count(y));
  run(
    inputs.map((x) => converted(plan, x, 'float32')),
    result,
  );
  convert(plan, result, 'float32', y, y.dtype, count(y));
}

const isFloat = (dtype: DType) => dtype === 'float32' || HALVES.includes(dtype);

function usesTable({ quantized, integer }: Unary, x: Value): boolean {
  // int16 without quantization is a plain integer where the operator has that form.
  return !!quantized?.dtypes.includes(x.dtype) && !(integer?.dtypes.includes(x.dtype) && !x.quantization);
}

export function unary(spec: Unary): Operator {
  const { name, float, quantized, integer, clamp } = spec;
  return {
    name,
    clamp,
    infer(node) {
      const x = input(node, 0);
      const y = output(node);
      if (y.dtype !== x.dtype) throw invalid(node, `output is ${y.dtype}, expected ${x.dtype} as the input`);
      if (usesTable(spec, x)) {
        quantized!.table(node, perTensor(node, x), perTensor(node, y));
      } else if (!(float !== undefined && isFloat(x.dtype)) && !integer?.dtypes.includes(x.dtype)) {
        throw unsupported(node, `input of type ${x.dtype}`);
      }
      return [x.shape];
    },
    inPlace: () => [0],
    lower(node, plan) {
      const x = input(node, 0);
      const y = output(node);
      if (usesTable(spec, x)) {
        const f = quantized!.table(node, perTensor(node, x), perTensor(node, y));
        return lowerTable(plan, x, y, tableKey(node, x, y), f);
      }
      if (!isFloat(x.dtype)) {
        const zero = plan.constant(new Int32Array(4));
        const type = x.dtype.replace(/int|float/, (name) => name[0]!) as 'i32';
        const scalar: number[] = [];
        const shape = plan.constant(
          integer!.second ? broadcastBlock(scalar, x.shape) : broadcastBlock(x.shape, scalar),
        );
        const [a, b] = integer!.second ? [zero, x] : [x, zero];
        return plan.call(`${type}_binary`, [integer!.op, a, b, y, shape, integerLimits(plan, x.dtype)], count(y));
      }
      const op = typeof float === 'function' ? float(node) : float!;
      throughFloat(plan, [x], y, ([from], to) => {
        plan.call('f32_unary', [op, from!, to, node.options.alpha ?? 0], count(y));
      });
    },
  };
}

/** Where sums are clamped, unsigned integers count as signed ones. */
const SIGNED: Partial<Record<DType, DType>> = { uint8: 'int8', uint16: 'int16', uint32: 'int32' };

/** The block of clamp limits of the integer kernels; by default those of the type. */
export function integerLimits(plan: PlanBuilder, dtype: DType, lo = -Infinity, hi = Infinity): number {
  if (dtype === 'float64') return plan.constant(Float64Array.of(lo, hi));
  if (dtype === 'int64' || dtype === 'uint64') {
    const limit = (x: number, infinite: bigint) => (Number.isFinite(x) ? BigInt(x) : infinite);
    return plan.constant(BigInt64Array.of(limit(lo, -(2n ** 63n)), limit(hi, 2n ** 63n - 1n)));
  }
  const [min, max] = dtype === 'bool' ? [0, 1] : integerRange(SIGNED[dtype] ?? dtype);
  const limits = [Math.max(lo, min), Math.min(hi, max)];
  switch (dtype) {
    case 'int16':
    case 'uint16':
      return plan.constant(Int16Array.from(limits));
    case 'int32':
    case 'uint32':
      return plan.constant(Int32Array.from(limits));
    default:
      return plan.constant(Uint8Array.from(limits));
  }
}
