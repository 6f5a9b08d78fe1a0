/**
 * `lanelite evaluate`: the accuracy of a classifier on labelled pictures, with the time of an inference beside it.
 */
import { Interpreter, type Model } from '../index.js';
import { extra } from '../ops/extra.js';
import type { Operator } from '../ops/operator.js';
import { Classifier, top } from './classifier.js';
import { type Dataset, datasetError } from './dataset.js';
import type { Normalization } from './normalization.js';
import { noProgress, type StartProgress } from './progress.js';
import { type Statistics, statistics } from './statistics.js';
import { bytes, fields, milliseconds, percent } from './text.js';

export interface EvaluateOptions {
  readonly normalization?: Normalization | null;
  readonly arithmetic?: 'fast' | 'exact';
  /** Stop after so many samples. */
  readonly limit?: number;
  readonly progress?: StartProgress;
  /** Operators beside the builtin ones; those of `lanelite/ops/extra` if it is left out. */
  readonly customOps?: readonly Operator[];
}

export interface Evaluation {
  readonly images: number;
  readonly classes: number;
  readonly correct: number;
  readonly accuracy: number;
  /** The right class among the five best; null below ten classes, where it says little. */
  readonly top5: { readonly correct: number; readonly accuracy: number } | null;
  /** Of one inference, without decoding and resizing. */
  readonly milliseconds: Statistics;
  /** Of the model's file. */
  readonly bytes: number;
}

export async function evaluate(
  model: Model,
  dataset: Dataset,
  { normalization = null, arithmetic, limit, customOps = extra, progress = noProgress }: EvaluateOptions = {},
): Promise<Evaluation> {
  const samples = dataset.samples.slice(0, limit);
  const interpreter = await Interpreter.create(model, { arithmetic, customOps });
  const bar = progress('evaluate', samples.length);
  try {
    const classifier = new Classifier(interpreter, model, normalization, dataset.normalization);
    const { classes } = classifier;
    let correct = 0;
    let among5 = 0;
    const times: number[] = [];
    for (const [i, sample] of samples.entries()) {
      if (sample.label >= classes) {
        throw datasetError(`${sample.name} is of class ${sample.label}; the model has ${classes} classes`);
      }
      if (i === 0) {
        // The first run warms the engine up and is not timed.
        classifier.classify(sample.image());
        interpreter.resetVariables();
      }
      const { scores, milliseconds } = classifier.classify(sample.image());
      times.push(milliseconds);
      const best = top(scores, 5);
      if (best[0]?.index === sample.label) correct++;
      if (best.some(({ index }) => index === sample.label)) among5++;
      bar.update(i + 1);
    }
    const images = samples.length;
    return {
      images,
      classes,
      correct,
      accuracy: correct / images,
      top5: classes >= 10 ? { correct: among5, accuracy: among5 / images } : null,
      milliseconds: statistics(times),
      bytes: model.size,
    };
  } finally {
    bar.stop();
    interpreter.close();
  }
}

export function formatEvaluation(result: Evaluation): string {
  const { images, correct, top5, milliseconds: time } = result;
  const share = (part: number) => `${percent(part, images)} (${part} of ${images})`;
  return fields([
    ['accuracy', share(correct)],
    ...(top5 ? [['top-5 accuracy', share(top5.correct)] as const] : []),
    ['inference', `${milliseconds(time.median)} median, ${milliseconds(time.mean)} mean`],
    ['file size', `${bytes(result.bytes)} (${result.bytes} bytes)`],
  ]);
}
