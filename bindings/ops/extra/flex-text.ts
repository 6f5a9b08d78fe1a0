// TensorFlow's and TensorFlow Text's operators on strings.
import { input, invalid, type OpNode, unsupported } from '../../graph/ir.js';
import { toBytes } from '../../graph/strings.js';
import { fingerprint64 } from '../shared/farmhash.js';
import { hostOperator } from '../shared/host.js';
import { attributesOf } from './flex.js';
import { checkTypes } from './shared.js';
import {
  characters,
  checkSplits,
  encodeCharacter,
  integerResult,
  numbers,
  ragged,
  stringResult,
  texts,
} from './text.js';

export const flexStringToHashBucketFast = hostOperator({
  name: 'FlexStringToHashBucketFast',
  check(node) {
    checkTypes(node, ['string'], ['int64']);
    if (!(attributesOf(node).integer('num_buckets') >= 1))
      throw invalid(node, `attribute 'num_buckets' is not positive`);
  },
  shapes: ({ inputs }) => [inputs[0]!.shape],
  run(call) {
    const buckets = BigInt(attributesOf(call.node).integer('num_buckets'));
    const data = BigInt64Array.from(texts(call, 0), (text) => fingerprint64(toBytes(text)) % buckets);
    return [{ shape: call.inputs[0]!.shape, data }];
  },
});

/** Neither a surrogate, nor one that Unicode says is none, nor beyond it. */
const isCharacter = (code: number) =>
  (code >= 0 && code < 0xd800) ||
  (code > 0xdfff && code <= 0x10ffff && !(code >= 0xfdd0 && code <= 0xfdef) && (code & 0xfffe) !== 0xfffe);

/** What becomes of characters that are none: another one, nothing (null), or an error. */
function replacement(node: OpNode): number | null {
  const attributes = attributesOf(node);
  const errors = attributes.text('errors');
  if (errors === 'ignore') return null;
  if (errors === 'strict') return Number.NaN;
  const substitute = attributes.integer('replacement_char');
  if (!isCharacter(substitute)) throw invalid(node, `replacement character ${substitute}`);
  return substitute;
}

function checkEncoding(node: OpNode, attribute: string): void {
  const encoding = attributesOf(node).text(attribute);
  if (encoding !== 'UTF-8') throw unsupported(node, `encoding ${encoding}`);
}

function decoder(name: string, offsets: boolean) {
  return hostOperator({
    name,
    check(node) {
      checkTypes(node, ['string'], []);
      checkEncoding(node, 'input_encoding');
    },
    run(call) {
      const { node } = call;
      const replaceControls = attributesOf(node).boolean('replace_control_characters');
      const substitute = replacement(node);
      const decoded = ragged(
        texts(call, 0).map((text) =>
          characters(text).flatMap(({ code, start, valid }) => {
            if (valid && !(replaceControls && code < 0x20)) return { code, start };
            if (!valid && Number.isNaN(substitute)) throw invalid(node, `a string is not UTF-8 at byte ${start}`);
            if (substitute === null) return [];
            return { code: Number.isNaN(substitute) ? 0xfffd : substitute, start };
          }),
        ),
      );
      const results = [
        integerResult(call, 0, decoded.splits),
        integerResult(
          call,
          1,
          decoded.values.map(({ code }) => code),
        ),
      ];
      const starts = decoded.values.map(({ start }) => start);
      return offsets ? [...results, integerResult(call, 2, starts)] : results;
    },
  });
}

export const flexUnicodeDecode = decoder('FlexUnicodeDecode', false);
export const flexUnicodeDecodeWithOffsets = decoder('FlexUnicodeDecodeWithOffsets', true);

export const flexUnicodeEncode = hostOperator({
  name: 'FlexUnicodeEncode',
  check(node) {
    checkTypes(node, ['int32'], ['string']);
    checkEncoding(node, 'output_encoding');
  },
  run(call) {
    const { node } = call;
    const substitute = replacement(node);
    const codes = numbers(call, 0);
    const splits = numbers(call, 1);
    checkSplits(node, splits, codes.length);
    const encoded = codes.map((code) => {
      if (isCharacter(code)) return encodeCharacter(code);
      if (Number.isNaN(substitute)) throw invalid(node, `${code} is no character`);
      return substitute === null ? '' : encodeCharacter(substitute);
    });
    const rows = splits.slice(1).map((end, i) => encoded.slice(splits[i], end).join(''));
    return [stringResult(call, rows)];
  },
});

const SPACE = /\p{White_Space}/u;

/** Words of rows of characters: their characters, where each begins there, its place in the row, and the rows' words. */
export const flexWhitespaceTokenizeWithOffsets = hostOperator({
  name: 'FlexWhitespaceTokenizeWithOffsets',
  check: (node) => checkTypes(node, ['int32'], ['int32']),
  run(call) {
    const { node } = call;
    const codes = numbers(call, 0);
    const splits = numbers(call, 1);
    checkSplits(node, splits, codes.length);
    const isSpace = (code: number) => isCharacter(code) && SPACE.test(String.fromCodePoint(code));
    const rows = splits.slice(1).map((end, i) => {
      const row = codes.slice(splits[i], end);
      const words: { start: number; codes: number[] }[] = [];
      for (const [start, code] of row.entries()) {
        if (isSpace(code)) continue;
        if (start === 0 || isSpace(row[start - 1]!)) words.push({ start, codes: [] });
        words.at(-1)!.codes.push(code);
      }
      return words;
    });
    const words = ragged(rows);
    const characters = ragged(words.values.map(({ codes }) => codes));
    const starts = words.values.map(({ start }) => start);
    const limits = words.values.map(({ start, codes }) => start + codes.length);
    return [characters.values, characters.splits, starts, limits, words.splits].map((list, i) =>
      integerResult(call, i, list),
    );
  },
});

export const flexSoftplus = hostOperator({
  name: 'FlexSoftplus',
  check(node) {
    const { dtype } = input(node, 0);
    if (dtype !== 'float32') throw unsupported(node, `input of type ${dtype}`);
    checkTypes(node, ['float32'], ['float32']);
  },
  shapes: ({ inputs }) => [inputs[0]!.shape],
  run: ({ inputs: [x] }) => [
    {
      shape: x!.shape,
      // Without overflow, and exact near zero.
      data: Float32Array.from(x!.data as Float32Array, (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)))),
    },
  ],
});
