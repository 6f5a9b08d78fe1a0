import { badShape, input, invalid, type OpNode, output } from '../../graph/ir.js';
import { encodeString } from '../../graph/strings.js';
import { readFlexMap } from '../../model/flexbuffer.js';
import { hostOperator } from '../shared/host.js';
import { option } from './shared.js';
import { checkSplits, integerResult, numbers, ragged, stringResult, texts } from './text.js';

function check(node: OpNode): void {
  const { reduction_type: reduction, axis, string_separator: separator } = readFlexMap(node.customOptions);
  if (reduction !== 'STRING_JOIN' || axis !== -1) throw invalid(node, `reduction ${reduction} of axis ${axis}`);
  if (typeof separator !== 'string') throw invalid(node, `option 'string_separator' is missing`);
  if (!(option(node, 'width') >= 1)) throw invalid(node, `width ${option(node, 'width')}`);
  const { dtype, shape } = input(node, 0);
  if (dtype !== 'string' || output(node).dtype !== 'string') throw invalid(node, 'input and output must be strings');
  const { inputs, outputs } = node;
  if (inputs.length !== outputs.length) throw invalid(node, `${outputs.length} outputs for ${inputs.length} inputs`);
  for (const [i, value] of [...inputs.slice(1), ...outputs.slice(1)].entries()) {
    if (value?.dtype !== 'int64') throw invalid(node, `row splits ${i} are ${value?.dtype}, not int64`);
  }
  if (shape.length === 0) throw badShape(node, 'the input is a scalar');
}

/** TFLite Support's: neighbouring strings of the last dimension, joined. */
export const ngrams = hostOperator({
  name: 'tftext:Ngrams',
  check,
  run(call) {
    const { node, inputs } = call;
    const width = option(node, 'width');
    const separator = encodeString(readFlexMap(node.customOptions).string_separator as string);
    const join = (row: readonly string[]) =>
      Array.from({ length: Math.max(0, row.length - width + 1) }, (_, i) => row.slice(i, i + width).join(separator));
    const tokens = texts(call, 0);
    if (inputs.length === 1) {
      const { shape } = inputs[0]!;
      const size = shape.at(-1)!;
      const rows = Array.from({ length: size && tokens.length / size }, (_, i) =>
        tokens.slice(i * size, (i + 1) * size),
      );
      return [stringResult(call, rows.flatMap(join), [...shape.slice(0, -1), Math.max(0, size - width + 1)])];
    }
    const last = inputs.length - 1;
    const splits = numbers(call, last);
    checkSplits(node, splits, tokens.length);
    const rows = splits.slice(1).map((end, i) => join(tokens.slice(splits[i], end)));
    const joined = ragged(rows);
    const outer = inputs.slice(1, -1).map((value) => ({ shape: value!.shape, data: value!.data }));
    return [stringResult(call, joined.values), ...outer, integerResult(call, last, joined.splits)];
  },
});
