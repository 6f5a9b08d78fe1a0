import { invalid, output } from '../graph/ir.js';
import { table } from './shared/hash-table.js';
import { hostOperator } from './shared/host.js';
import { resourceInput } from './shared/resources.js';

export const hashtableSize = hostOperator({
  name: 'HASHTABLE_SIZE',
  check(node) {
    resourceInput(node);
    if (output(node).dtype !== 'int64') throw invalid(node, `the output is ${output(node).dtype}, not int64`);
  },
  shapes: () => [[1]],
  run: (call) => [{ shape: [1], data: BigInt64Array.of(BigInt(table(call).entries.size)) }],
});
