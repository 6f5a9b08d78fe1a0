import { byteLength, elementCount, typedView } from '../../dtype.js';
import { LaneliteError } from '../../errors.js';
import { invalid, type OpNode, output } from '../../graph/ir.js';
import { readFlexbuffer } from '../../model/flexbuffer.js';
import type { CustomCall, CustomOp } from '../custom-op.js';
import type { Operator } from '../operator.js';
import { type HostCall, hostOperator } from './host.js';

function callOf({ node, inputs }: HostCall): CustomCall {
  const { customOptions, version } = node;
  return {
    inputs,
    customOptions,
    version,
    // Not all custom options are flexbuffers.
    get options() {
      return customOptions?.length ? readFlexbuffer(customOptions) : {};
    },
  };
}

/** Errors of somebody else's code, with the node that they come from. What is not an error passes as it is. */
function guarded<T>(node: OpNode, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof LaneliteError) throw error;
    throw Object.assign(invalid(node, error.message), { cause: error });
  }
}

/** A custom operator as the compiler knows operators. */
export function customOperator(name: string, { infer, run }: CustomOp): Operator {
  const shapes = (call: HostCall) => {
    const { node } = call;
    const result = guarded(node, () => infer(callOf(call)));
    const legal = (shape: readonly number[]) => shape.every((d) => Number.isInteger(d) && d >= 0);
    if (!Array.isArray(result) || !result.every((shape) => Array.isArray(shape) && legal(shape))) {
      throw invalid(node, `infer() gave ${JSON.stringify(result)}, not a list of shapes`);
    }
    return result;
  };
  return hostOperator({
    name,
    stateful: true,
    shapes,
    run(call) {
      const { node } = call;
      const outputs = shapes(call).map((shape, i) => {
        const { name, dtype, quantization } = output(node, i);
        const bytes = byteLength(dtype, elementCount(shape));
        return { name, dtype, shape, quantization, data: typedView(dtype, new ArrayBuffer(bytes), 0, bytes) };
      });
      guarded(node, () => run({ ...callOf(call), outputs }));
      return outputs;
    },
  });
}
