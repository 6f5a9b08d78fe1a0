import { input, output, unsupported } from '../graph/ir.js';
import { hostOperator } from './shared/host.js';

const SPACE = /[ \t\n\v\f\r]/;

/** Words as TFLite splits them: one after a space at the very beginning goes missing, unless it is the last, with that space. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let from = 0;
  for (let i = 1; i < text.length; i++) {
    if (!SPACE.test(text[i]!)) continue;
    if (i > from && !SPACE.test(text[from]!)) words.push(text.slice(from, i));
    from = i + 1;
  }
  if (text.length > from) words.push(text.slice(from));
  return words;
}

interface Form {
  readonly ngramSize: number;
  readonly maxSkipSize: number;
  readonly includeAllNgrams: boolean;
}

/** Words that follow each other with at most `maxSkipSize` left out between two, longer ones before their beginnings. */
function grams(words: readonly string[], { ngramSize, maxSkipSize, includeAllNgrams }: Form): string[] {
  const found: string[] = [];
  const extend = (chosen: readonly number[]) => {
    const last = chosen.at(-1)!;
    if (chosen.length < ngramSize) {
      for (let next = last + 1; next <= last + 1 + maxSkipSize && next < words.length; next++) {
        extend([...chosen, next]);
      }
    }
    if (chosen.length === ngramSize || includeAllNgrams) found.push(chosen.map((i) => words[i]).join(' '));
  };
  if (ngramSize > 0 && words.length >= ngramSize) for (const i of words.keys()) extend([i]);
  return found;
}

/** All n-grams of the words of a string. */
export const skipGram = hostOperator({
  name: 'SKIP_GRAM',
  check(node) {
    const [x, y] = [input(node, 0), output(node)];
    if (x.dtype !== 'string' || y.dtype !== 'string') throw unsupported(node, `${x.dtype} to ${y.dtype}`);
  },
  run({ node, inputs, strings }) {
    const { ngramSize = 0, maxSkipSize = 0, includeAllNgrams = false } = node.options;
    const [id] = inputs[0]!.data;
    const words = id === undefined ? [] : wordsOf(strings.get(Number(id)));
    const ids = grams(words, { ngramSize, maxSkipSize, includeAllNgrams }).map((gram) => strings.id(gram));
    return [{ shape: [ids.length], data: Int32Array.from(ids) }];
  },
});
