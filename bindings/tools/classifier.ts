/**
 * Picture in, class scores out: what label-image and evaluate share. The model has one picture input (`[1, H, W, C]`,
 * with or without the outer or the inner 1, or a flat square of grey pixels) and, first among its outputs, one score per class.
 */
import { LaneliteError } from '../errors.js';
import type { Interpreter, Model, Tensor } from '../index.js';
import { normalizationOf } from '../model/metadata.js';
import { type Image, toGrey } from './image.js';
import { type NormalizationChoice, pixelConverter } from './normalization.js';
import { resizeBilinear } from './resize.js';

export interface PictureShape {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/** How a tensor of that shape holds one picture; null if it can't. */
export function pictureShape(shape: readonly number[]): PictureShape | null {
  let dims = [...shape];
  if (dims.length > 2 && dims[0] === 1) dims = dims.slice(1);
  if (dims.length === 3) {
    const [height, width, channels] = dims as [number, number, number];
    return channels === 1 || channels === 3 ? { height, width, channels } : null;
  }
  if (dims.length !== 2) return null;
  if (dims[0] !== 1) return { height: dims[0]!, width: dims[1]!, channels: 1 };
  const side = Math.sqrt(dims[1]!);
  return Number.isInteger(side) && side > 1 ? { height: side, width: side, channels: 1 } : null;
}

export class Classifier {
  readonly input: Tensor;
  readonly output: Tensor;
  readonly picture: PictureShape;
  /** Number of scores. */
  readonly classes: number;
  readonly #convert: ReturnType<typeof pixelConverter>;

  constructor(
    private readonly interpreter: Interpreter,
    model: Model,
    explicit: NormalizationChoice['explicit'] = null,
    stated: NormalizationChoice['stated'] = null,
  ) {
    const { inputs, outputs } = interpreter;
    const shape = inputs.length === 1 ? pictureShape(inputs[0]!.shape) : null;
    if (!shape) {
      const found = inputs.map((t) => `${t.name} [${t.shape.join(', ')}]`).join(', ');
      throw new LaneliteError('NOT_A_CLASSIFIER', `expected a model with one picture input, found ${found}`);
    }
    const scores = outputs[0]!.shape;
    this.classes = scores.at(-1) ?? 0;
    if (this.classes < 1 || scores.slice(0, -1).some((d) => d !== 1)) {
      throw new LaneliteError(
        'NOT_A_CLASSIFIER',
        `expected a first output of one score per class, found ${outputs[0]!.name} [${scores.join(', ')}]`,
      );
    }
    this.input = inputs[0]!;
    this.output = outputs[0]!;
    this.picture = shape;
    this.#convert = pixelConverter(this.input, shape.channels, {
      explicit,
      // Damaged metadata is no obstacle to those who say all themselves.
      stated: explicit ? null : (normalizationOf(model.metadata) ?? stated),
    });
  }

  /** Resizes, converts and writes the picture to the input tensor. */
  setImage(image: Image): void {
    setPicture(this.input, this.picture, image, this.#convert);
  }

  /** Scores of all classes (real numbers), and the milliseconds of the inference alone. */
  classify(image: Image): { scores: Float32Array; milliseconds: number } {
    this.setImage(image);
    const started = performance.now();
    this.interpreter.invoke();
    const milliseconds = performance.now() - started;
    return { scores: this.output.real(), milliseconds };
  }
}

/** Writes a picture to a tensor, resized and converted. */
export function setPicture(
  tensor: Tensor,
  { height, width, channels }: PictureShape,
  image: Image,
  convert: ReturnType<typeof pixelConverter>,
): void {
  const pixels = channels === 1 ? toGrey(image) : image.data;
  const sameSize = image.height === height && image.width === width;
  const resized = sameSize ? pixels : resizeBilinear(pixels, [image.height, image.width], [height, width], channels);
  tensor.set(convert(resized));
}

export interface Ranked {
  readonly index: number;
  readonly score: number;
}

/** The `k` best scores, best first; equal ones in order of their index. */
export function top(scores: ArrayLike<number>, k: number): Ranked[] {
  return Array.from(scores, (score, index) => ({ index, score }))
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, k);
}
