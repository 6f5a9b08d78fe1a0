import type { BinaryOp } from '../../../assembly/lib/opcodes.js';
import { BYTES, FLOATS } from '../../features.js';
import { count, input, invalid, type OpNode, output, perTensor, unsupported, type Value } from '../../graph/ir.js';
import type { Operator, PlanBuilder } from '../operator.js';
import { broadcastArgs, broadcastShape } from './broadcast.js';
import { floatClamp } from './convolution.js';
import type { QuantizedCall } from './quantized.js';

/** Inputs whose storage the output may take: those of its full size. */
export function fullInputs(node: OpNode): number[] {
  return [0, 1].filter((i) => count(input(node, i)) === count(output(node)));
}

/** An element-wise operator of two inputs in float32 or 8 bits. */
export function arithmetic(
  name: string,
  op: BinaryOp,
  quantized: (node: OpNode, plan: PlanBuilder, a: Value, b: Value) => QuantizedCall,
): Operator {
  return {
    name,
    fusesClamp: true,
    infer(node) {
      const [a, b, y] = [input(node, 0), input(node, 1), output(node)];
      if (a.dtype !== b.dtype) throw invalid(node, `inputs of types ${a.dtype} and ${b.dtype}`);
      // TFLite's sums are of the inputs' type, whatever the output's is in the file; its products are for no other.
      y.dtype = a.dtype;
      if (BYTES && (a.dtype === 'int8' || a.dtype === 'uint8')) for (const v of [a, b, y]) perTensor(node, v);
      else if (!FLOATS || a.dtype !== 'float32') throw unsupported(node, `inputs of type ${a.dtype}`);
      return [broadcastShape(node, a.shape, b.shape)];
    },
    inPlace: fullInputs,
    lower(node, plan) {
      const [a, b, y] = [input(node, 0), input(node, 1), output(node)];
      const [p, q, shape] = broadcastArgs(plan, a, b);
      if (!BYTES || (FLOATS && a.dtype === 'float32')) {
        const limits = plan.constant(Float32Array.from(floatClamp(node)));
        return plan.call('f32_binary', [op, p, q, y, shape, limits], count(y));
      }
      const { op: quantizedOp, params } = quantized(node, plan, a, b);
      plan.call('qs8_binary', [quantizedOp, p, q, y, shape, params], count(y));
    },
  };
}
