import { input, invalid, type Session, unsupported } from '../../graph/ir.js';
import { hostOperator } from '../shared/host.js';
import { attributesOf } from './flex.js';
import { BEGIN, END, SentencePiece } from './sentencepiece.js';
import { checkTypes } from './shared.js';
import { integerResult, numbers, ragged, stringResult, texts } from './text.js';

/** The models of an interpreter; a handle is a node's index. */
const models = new WeakMap<Session, Map<number, SentencePiece>>();

export const flexSentencepieceOp = hostOperator({
  name: 'FlexSentencepieceOp',
  stateful: true,
  shapes: () => [[]],
  run({ node, session }) {
    const known = models.get(session) ?? new Map<number, SentencePiece>();
    models.set(session, known);
    if (!known.has(node.index)) known.set(node.index, new SentencePiece(attributesOf(node).bytes('model')));
    return [{ shape: [], data: Int32Array.of(node.index) }];
  },
});

export const flexSentencepieceTokenizeOp = hostOperator({
  name: 'FlexSentencepieceTokenizeOp',
  check(node) {
    if (input(node, 1).dtype !== 'string') throw invalid(node, `input of type ${input(node, 1).dtype}`);
    checkTypes({ ...node, inputs: node.inputs.slice(4) }, ['bool', 'bool', 'bool'], []);
  },
  run(call) {
    const { node, session } = call;
    const [handle, , best] = [0, 1, 2].map((i) => (i === 1 ? [] : numbers(call, i)));
    const model = models.get(session)?.get(handle![0]!);
    if (!model) throw invalid(node, `there is no model ${handle}`);
    if (best!.some((n) => n !== 0 && n !== 1)) throw unsupported(node, `one of the ${best} best splits at random`);
    const [begin, end, reverse] = [4, 5, 6].map((i) => numbers(call, i)[0] === 1);
    const rows = texts(call, 1).map((text) => {
      const tokens = model.encode(text);
      if (begin) tokens.unshift(model.control(BEGIN));
      if (end) tokens.push(model.control(END));
      return reverse ? tokens.reverse() : tokens;
    });
    const { values, splits } = ragged(rows);
    const words = node.outputs[0]!.dtype === 'string';
    return [
      words
        ? stringResult(
            call,
            values.map(({ text }) => text),
          )
        : integerResult(
            call,
            0,
            values.map(({ id }) => id),
          ),
      integerResult(call, 1, splits),
    ];
  },
});
