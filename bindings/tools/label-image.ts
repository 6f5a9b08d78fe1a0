/**
 * `lanelite label-image`: what an image classifier sees in pictures. Decodes and resizes as TFLite's label_image does,
 * and names the best classes.
 */
import { readFileSync } from 'node:fs';
import { LaneliteError } from '../errors.js';
import { Interpreter, type Model } from '../index.js';
import { extra } from '../ops/extra.js';
import type { Operator } from '../ops/operator.js';
import { Classifier, top } from './classifier.js';
import { decodeImage, type Image } from './image.js';
import { alignLabels, type Labels } from './labels.js';
import type { Normalization } from './normalization.js';
import { fields, indent, milliseconds } from './text.js';

export interface LabelImageOptions {
  readonly labels?: Labels | null;
  readonly top?: number;
  readonly normalization?: Normalization | null;
  readonly arithmetic?: 'fast' | 'exact';
  /** Operators beside the builtin ones; those of `lanelite/ops/extra` if it is left out. */
  readonly customOps?: readonly Operator[];
}

export interface LabelledImage {
  readonly image: string;
  readonly milliseconds: number;
  readonly results: readonly { readonly index: number; readonly label: string | null; readonly score: number }[];
}

export function readImage(file: string): Image {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new LaneliteError('FILE', `cannot read '${file}': ${(cause as Error).message}`, { cause });
  }
  try {
    return decodeImage(bytes);
  } catch (cause) {
    throw new LaneliteError('IMAGE', `'${file}': ${(cause as Error).message}`, { cause });
  }
}

/** Classifies pictures, one after another; results come as they are ready. */
export async function* labelImages(
  model: Model,
  files: Iterable<string>,
  { labels = null, top: k = 5, normalization = null, arithmetic, customOps = extra }: LabelImageOptions = {},
): AsyncGenerator<LabelledImage> {
  const interpreter = await Interpreter.create(model, { arithmetic, customOps });
  try {
    const classifier = new Classifier(interpreter, model, normalization);
    const names = labels && alignLabels(labels.names, classifier.classes);
    for (const image of files) {
      const { scores, milliseconds } = classifier.classify(readImage(image));
      const results = top(scores, k).map(({ index, score }) => ({ index, label: names?.[index] ?? null, score }));
      yield { image, milliseconds, results };
    }
  } finally {
    interpreter.close();
  }
}

export function formatLabelledImage({ image, milliseconds: time, results }: LabelledImage): string {
  const lines = results.map(
    ({ index, label, score }) => [score.toFixed(4).padStart(9), `${index} ${label ?? ''}`.trimEnd()] as const,
  );
  return `${image}  (${milliseconds(time)})\n${indent(fields(lines))}`;
}
