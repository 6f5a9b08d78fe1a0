import { badShape, input, invalid, type OpNode, output } from '../../graph/ir.js';
import { hostOperator } from '../shared/host.js';
import { characterAt, integerResult, MOST, ragged, stringResult, texts } from './text.js';

/** The spaces of the UTF library that TFLite Support takes. */
const SPACE = /[\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]/;

/** Words, up to the first byte that is not UTF-8. */
function tokenize(text: string): string[] {
  const tokens: string[] = [];
  let start = -1;
  let at = 0;
  const end = () => {
    if (start >= 0) tokens.push(text.slice(start, at));
    start = -1;
  };
  while (at < text.length) {
    const { code, length } = characterAt(text, at);
    if (code === 0xfffd) break;
    if (SPACE.test(String.fromCodePoint(code))) end();
    else if (start < 0) start = at;
    at += length;
  }
  end();
  return tokens;
}

function check(node: OpNode): void {
  const { dtype, shape } = input(node, 0);
  if (dtype !== 'string' || output(node).dtype !== 'string') throw invalid(node, 'input and tokens must be strings');
  const splits = node.outputs.slice(1);
  if (splits.some((value) => value.dtype !== 'int64')) throw invalid(node, 'row splits must be int64');
  if (splits.length && splits.length !== shape.length) {
    throw badShape(node, `${splits.length} row splits for an input of shape [${shape}]`);
  }
}

/** TFLite Support's: a tensor of words, filled up with empty ones, or words and the row splits of each dimension. */
export const whitespaceTokenizer = hostOperator({
  name: 'tftext:WhitespaceTokenizer',
  check,
  run(call) {
    const { shape } = call.inputs[0]!;
    const rows = texts(call, 0).map(tokenize);
    if (call.node.outputs.length === 1) {
      const longest = rows.reduce((most, { length }) => Math.max(most, length), 0);
      if (rows.length * longest > MOST) throw badShape(call.node, `${rows.length} rows of ${longest} words`);
      const padded = rows.flatMap((row) => [...row, ...Array<string>(longest - row.length).fill('')]);
      return [stringResult(call, padded, [...shape, longest])];
    }
    const { values, splits } = ragged(rows);
    let size = 1;
    const outer = shape.slice(0, -1).map((dim, i) => {
      size *= dim;
      return integerResult(
        call,
        i + 1,
        Array.from({ length: size + 1 }, (_, row) => row * shape[i + 1]!),
      );
    });
    return [stringResult(call, values), ...outer, integerResult(call, shape.length, splits)];
  },
});
