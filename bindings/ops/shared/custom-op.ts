import { byteLength, elementCount, typedView } from '../../dtype.js';
import { LaneliteError } from '../../errors.js';
import { invalid, type OpNode, output } from '../../graph/ir.js';
import { decodeString, encodeString } from '../../graph/strings.js';
import { readFlexbuffer } from '../../model/flexbuffer.js';
import type { CustomCall, CustomOp, CustomTensor } from '../custom-op.js';
import type { Operator } from '../operator.js';
import { type HostCall, type HostTensor, hostOperator } from './host.js';

function callOf({ node, inputs, strings }: HostCall): CustomCall {
  const { customOptions, version } = node;
  const withStrings = (tensor: HostTensor): CustomTensor => ({
    name: tensor.name,
    dtype: tensor.dtype,
    shape: tensor.shape,
    quantization: tensor.quantization,
    get data() {
      return tensor.data;
    },
    get strings() {
      return tensor.dtype === 'string'
        ? Array.from(tensor.data as Int32Array, (id) => decodeString(strings.get(id)))
        : [];
    },
  });
  return {
    inputs: inputs.map((tensor) => tensor && withStrings(tensor)),
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
        const size = elementCount(shape);
        const bytes = byteLength(dtype, size);
        const data = typedView(dtype, new ArrayBuffer(bytes), 0, bytes);
        return {
          name,
          dtype,
          shape,
          quantization,
          data,
          strings: Array<string>(dtype === 'string' ? size : 0).fill(''),
        };
      });
      // A copy by spreading would read the options.
      guarded(node, () => run(Object.assign(callOf(call), { outputs })));
      for (const { dtype, data, strings, name } of outputs) {
        if (dtype !== 'string') continue;
        if (strings.length !== data.length)
          throw invalid(node, `${strings.length} strings for the ${data.length} of '${name}'`);
        data.set(strings.map((text) => call.strings.id(encodeString(text))) as never);
      }
      return outputs;
    },
  });
}
