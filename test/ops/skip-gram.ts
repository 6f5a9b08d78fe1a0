import { unchanged } from '../support/moving.js';
import type { OpCase, OpSpec } from '../support/spec.js';
import { numbersOf, strings, textsOf } from '../support/strings.js';

/** What C calls a space; those of other alphabets are none. */
const SPACE = /[ \t\n\v\f\r]/;

/** Pieces between spaces. The first character is of the first piece in any case, and that is no word then, unless it is the last. */
function wordsOf(text: string): string[] {
  const pieces = text.slice(1).split(SPACE);
  pieces[0] = text.slice(0, 1) + pieces[0];
  return pieces.filter((piece, i) => piece && (i === pieces.length - 1 || !SPACE.test(piece[0]!)));
}

function caseOf(texts: readonly string[], ngramSize: number, maxSkipSize: number, includeAllNgrams: boolean): OpCase {
  return {
    name: `${JSON.stringify(texts)} by ${ngramSize}, ${maxSkipSize}, ${includeAllNgrams}`,
    options: { ngramSize, maxSkipSize, includeAllNgrams },
    inputs: [strings(texts)],
    outputs: [{ dtype: 'string', shape: [] }],
  };
}

/** All n-grams of the words of the first string, those that begin alike from the longest to the shortest. */
export default {
  op: 'SKIP_GRAM',
  tolerance: unchanged,

  reference({ options: { ngramSize, maxSkipSize, includeAllNgrams }, inputs: [x] }) {
    const words = wordsOf(textsOf(x!.data)[0] ?? '');
    const from = (chosen: readonly number[]): (readonly number[])[] => {
      const last = chosen.at(-1)!;
      const next = [...words.keys()].filter((i) => i > last && i <= last + 1 + maxSkipSize);
      return [...(chosen.length < ngramSize ? next.flatMap((i) => from([...chosen, i])) : []), chosen];
    };
    const all = words.length < ngramSize ? [] : words.flatMap((_, i) => from([i]));
    const grams = all
      .filter(({ length }) => includeAllNgrams || length === ngramSize)
      .map((chosen) => chosen.map((i) => words[i]).join(' '));
    return [{ shape: [grams.length], data: numbersOf(grams) }];
  },

  cases: [
    caseOf(['The quick\t brown fox'], 2, 0, false),
    caseOf(['a b c'], 2, 1, true),
    caseOf(['a b c d'], 3, 1, false),
    caseOf(['a b'], 3, 5, true),
    caseOf([''], 1, 0, false),
    caseOf([], 1, 0, false),
    caseOf(['träge ', 'not this'], 1, 0, false),
    caseOf([' a b'], 1, 0, false),
    caseOf([' a'], 1, 0, false),
  ],

  random(rng) {
    const part = () => rng.pick([' ', ' ', '\t', '\n ', 'a', 'ö', '𝄞', 'Wort', '\u00a0']);
    const texts = Array.from({ length: rng.int(1, 2) }, () => Array.from({ length: rng.int(0, 14) }, part).join(''));
    return caseOf(texts, rng.int(1, 4), rng.int(0, 3), rng.bool());
  },
} satisfies OpSpec as OpSpec;
