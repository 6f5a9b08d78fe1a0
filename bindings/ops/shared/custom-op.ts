import { byteLength, elementCount, type TypedArray, typedArrayOf, typedView } from '../../dtype.js';
import { ArgumentError, LaneliteError } from '../../errors.js';
import { readElements } from '../../graph/compile.js';
import { invalid, type OpNode, output, unsupported, type Value } from '../../graph/ir.js';
import { decodeString, encodeString } from '../../graph/strings.js';
import { readFlexbuffer } from '../../model/flexbuffer.js';
import type {
  CustomCall,
  CustomLowering,
  CustomOp,
  CustomTensor,
  CustomValue,
  KernelArgument,
  KernelCall,
} from '../custom-op.js';
import type { Arg, Inference, KernelArgs, Known, Operator, PlanBuilder, Scratch } from '../operator.js';
import { type HostCall, type HostTensor, hostOperator } from './host.js';

/** @param call `strings` may be missing where no input has any */
function callOf({ node, inputs, strings }: Pick<HostCall, 'node' | 'inputs'> & Partial<HostCall>): CustomCall {
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
        ? Array.from(tensor.data as Int32Array, (id) => decodeString(strings!.get(id)))
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

function inferShapes(node: OpNode, { infer }: CustomOp, call: CustomCall): number[][] {
  const result = guarded(node, () => infer(call));
  const legal = (shape: readonly number[]) => shape.every((d) => Number.isInteger(d) && d >= 0);
  if (!Array.isArray(result) || !result.every((shape) => Array.isArray(shape) && legal(shape))) {
    throw invalid(node, `infer() gave ${JSON.stringify(result)}, not a list of shapes`);
  }
  return result;
}

/** An operator that JavaScript computes. */
function inJavaScript(name: string, op: CustomOp, run: NonNullable<CustomOp['run']>): Operator {
  const shapes = (call: HostCall) => inferShapes(call.node, op, callOf(call));
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

const describe = ({ name, dtype, shape, quantization }: Value): CustomValue => ({ name, dtype, shape, quantization });

/** A node without strings as it is compiled: elements are asked of the compiler, which computes them first where need be. */
function compileTime(node: OpNode, known: Known, read: (constant: Value) => TypedArray): CustomCall {
  const elements = (value: Value) => {
    if (value.constant) return read(value);
    const numbers = known.values(value);
    const data = new (typedArrayOf(value.dtype))(numbers.length);
    data.set((/^u?int64$/.test(value.dtype) ? numbers.map(BigInt) : numbers) as never);
    return data;
  };
  const inputs = node.inputs.map(
    (value) =>
      value && {
        ...describe(value),
        get data() {
          return elements(value);
        },
      },
  );
  return callOf({ node, inputs });
}

/** An operator that kernels compute, where the runtime has them, else JavaScript. */
function inKernels(name: string, op: CustomOp, lower: NonNullable<CustomOp['lower']>): Operator {
  const host = op.run && inJavaScript(name, op, op.run);

  const lowered = (call: CustomCall, outputs: readonly CustomValue[], plan?: PlanBuilder) => {
    const memory = (kind: 'scratch' | 'temporary') => (bytes: number) =>
      plan ? plan[kind](bytes) : ({ scratch: true, bytes } as const);
    const own = { outputs, scratch: memory('scratch'), temporary: memory('temporary') };
    // As above, a copy by spreading would read the options.
    const calls = lower(Object.assign(call, own) as CustomLowering);
    return calls && ([calls].flat() as readonly KernelCall[]);
  };

  /** Why kernels don't compute a node; null where they do. */
  const reasonAgainst = (node: OpNode, call: CustomCall, shapes: readonly (readonly number[])[], known: Inference) => {
    const outputs = node.outputs.map((value, i) => ({ ...describe(value), shape: shapes[i] ?? value.shape }));
    const calls = guarded(node, () => lowered(call, outputs));
    if (!calls) return 'lower() has no kernel for this form, and there is no run()';
    const { kernels } = known.resources.engine;
    const missing = calls.find(({ kernel }) => !Reflect.has(kernels, kernel));
    return missing
      ? `kernel '${missing.kernel}' is not in this runtime; lanelite build MODEL --kernels FILE.ts --operators FILE.js ` +
          'makes one that has it, and run() would do without'
      : null;
  };

  return {
    name,
    macs: ({ inputs, outputs }) =>
      op.macs?.({ inputs: inputs.map((value) => value && describe(value)), outputs: outputs.map(describe) }) ?? 0,
    infer(node, known) {
      const strings = [...node.inputs, ...node.outputs].some((value) => value?.dtype === 'string');
      if (strings) {
        if (host) return host.infer(node, known);
        throw unsupported(node, 'kernels take no strings, and there is no run()');
      }
      const { engine } = known.resources;
      const call = compileTime(node, known, (value) =>
        readElements(engine, value, value.constant!.address, value.constant!.bytes),
      );
      const shapes = inferShapes(node, op, call);
      const reason = reasonAgainst(node, call, shapes, known);
      if (!reason) return shapes;
      if (host) return host.infer(node, known);
      throw unsupported(node, reason);
    },
    enter: (site) => host!.enter!(site),
    lower(node, plan) {
      const call = compileTime(node, plan, (value) => plan.read(value));
      const outputs = node.outputs.map(describe);
      const values = new Map<unknown, Value>();
      for (const [i, value] of node.inputs.entries()) if (value) values.set(call.inputs[i], value);
      for (const [i, value] of node.outputs.entries()) values.set(outputs[i], value);
      const address = (arg: KernelArgument): Arg => {
        if (typeof arg === 'number') return arg;
        if (arg === null) return 0;
        if (ArrayBuffer.isView(arg)) return plan.constant(arg);
        const known = values.get(arg);
        if (known) return known;
        // What JavaScript gives may be anything.
        if ('scratch' in Object(arg)) return arg as Scratch;
        throw new Error('lower() gave an argument that is neither a number nor of this call');
      };
      guarded(node, () => {
        for (const { kernel, args, units } of lowered(call, outputs, plan)!) {
          const { length } = Reflect.get(plan.kernels, kernel) as (...args: number[]) => void;
          if (length !== args.length + 2) {
            throw new Error(`lower() gave kernel '${kernel}' ${args.length} arguments of ${length - 2}`);
          }
          if (!Number.isInteger(units) || units < 0 || units >= 2 ** 31) {
            throw new Error(`lower() gave ${units} units for kernel '${kernel}'`);
          }
          plan.call(kernel as never, args.map(address) as KernelArgs<never>, units);
        }
      });
    },
  };
}

/** A custom operator as the compiler knows operators. */
export function customOperator(name: string, op: CustomOp): Operator {
  if (op.lower) return inKernels(name, op, op.lower);
  if (op.run) return inJavaScript(name, op, op.run);
  throw new ArgumentError(`custom operator '${name}' has neither run() nor lower()`);
}
