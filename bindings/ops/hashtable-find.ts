import { elementCount, typedArrayOf } from '../dtype.js';
import { checkShape, count, input, invalid, output } from '../graph/ir.js';
import { keysOf, table } from './shared/hash-table.js';
import { hostOperator } from './shared/host.js';
import { resourceInput } from './shared/resources.js';

/** The values of keys; for those that are not in the table, input 2. */
export const hashtableFind = hostOperator({
  name: 'HASHTABLE_FIND',
  check(node) {
    resourceInput(node);
    const [fallback, y] = [input(node, 2), output(node)];
    checkShape(node, count(fallback) === 1, () => `the default must be one value, not [${fallback.shape}]`);
    if (fallback.dtype !== y.dtype) throw invalid(node, `the default is ${fallback.dtype}, the output ${y.dtype}`);
  },
  shapes: ({ inputs }) => [inputs[1]!.shape],
  run(call) {
    const { node, inputs, strings } = call;
    const { keys, values, entries } = table(call);
    const [, x, fallback] = inputs;
    const { dtype } = output(node);
    if (x!.dtype !== keys || dtype !== values) {
      throw invalid(node, `finds ${dtype} by ${x!.dtype} in a table of ${values} by ${keys}`);
    }
    const data = new (typedArrayOf(dtype))(elementCount(x!.shape));
    for (const [i, key] of keysOf(call, x!).entries()) {
      const value = entries.get(key);
      data[i] = value === undefined ? fallback!.data[0]! : typeof value === 'string' ? strings.id(value) : value;
    }
    return [{ shape: x!.shape, data }];
  },
});
