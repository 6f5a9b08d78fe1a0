/**
 * Operators that few models have, for `Interpreter.create(model, { customOps: extra })`: TensorFlow Lite Micro's audio front end,
 * MediaPipe's operators, TFLite Support's on text, and some of TensorFlow's own (Flex).
 * `import { extra } from 'lanelite/ops/extra'`.
 */
import { flexBuiltins } from './extra/flex-builtins.js';
import { flexSentencepieceOp, flexSentencepieceTokenizeOp } from './extra/flex-sentencepiece.js';
import {
  flexSoftplus,
  flexStringToHashBucketFast,
  flexUnicodeDecode,
  flexUnicodeDecodeWithOffsets,
  flexUnicodeEncode,
  flexWhitespaceTokenizeWithOffsets,
} from './extra/flex-text.js';
import { landmarksToTransformMatrix } from './extra/landmarks-to-transform-matrix.js';
import { maxPoolingWithArgmax2d } from './extra/max-pooling-with-argmax-2d.js';
import { liteRtMaxUnpooling2d, maxUnpooling2d } from './extra/max-unpooling-2d.js';
import { ngrams } from './extra/ngrams.js';
import { flexParseExampleV2, parseExample, parseExampleV2 } from './extra/parse-example.js';
import { flexRaggedRange, flexRaggedTensorToTensor, raggedRange, raggedTensorToTensor } from './extra/ragged.js';
import { signalEnergy } from './extra/signal-energy.js';
import { signalFftAutoScale } from './extra/signal-fft-auto-scale.js';
import { signalFilterBank } from './extra/signal-filter-bank.js';
import { signalFilterBankLog } from './extra/signal-filter-bank-log.js';
import { signalFilterBankSpectralSubtraction } from './extra/signal-filter-bank-spectral-subtraction.js';
import { signalFilterBankSquareRoot } from './extra/signal-filter-bank-square-root.js';
import { signalPcan } from './extra/signal-pcan.js';
import { signalRfft } from './extra/signal-rfft.js';
import { signalWindow } from './extra/signal-window.js';
import { supportSentencepieceDetokenize, supportSentencepieceTokenize } from './extra/support-sentencepiece.js';
import { transformLandmarks } from './extra/transform-landmarks.js';
import { transformTensorBilinear } from './extra/transform-tensor-bilinear.js';
import { whitespaceTokenizer } from './extra/whitespace-tokenizer.js';
import type { Operator } from './operator.js';

export const extra: readonly Operator[] = [
  landmarksToTransformMatrix,
  liteRtMaxUnpooling2d,
  maxPoolingWithArgmax2d,
  maxUnpooling2d,
  signalEnergy,
  signalFftAutoScale,
  signalFilterBank,
  signalFilterBankLog,
  signalFilterBankSpectralSubtraction,
  signalFilterBankSquareRoot,
  signalPcan,
  signalRfft,
  signalWindow,
  ngrams,
  parseExample,
  parseExampleV2,
  raggedRange,
  raggedTensorToTensor,
  supportSentencepieceDetokenize,
  supportSentencepieceTokenize,
  whitespaceTokenizer,
  ...flexBuiltins,
  flexParseExampleV2,
  flexRaggedRange,
  flexRaggedTensorToTensor,
  flexSentencepieceOp,
  flexSentencepieceTokenizeOp,
  flexSoftplus,
  flexStringToHashBucketFast,
  flexUnicodeDecode,
  flexUnicodeDecodeWithOffsets,
  flexUnicodeEncode,
  flexWhitespaceTokenizeWithOffsets,
  transformLandmarks,
  transformTensorBilinear,
];
