// The classifier and what training needs of it: forward and backward passes over a batch of pictures, NHWC.
// Convolutions go through matrices whose rows are the windows under the filter; a fully connected layer is one whose
// filter is as large as its input, and a depthwise one treats each channel by itself.
import { allocate, multiply } from './matrices.js';
import { Random } from './random.js';
import { inputSize, type LayerSpec, specs } from './specs.js';

/** Weights with their gradients and Adam's two running means. */
class Parameters {
  readonly values: Float32Array;
  readonly gradients: Float32Array;
  readonly #mean: Float32Array;
  readonly #square: Float32Array;

  constructor(length: number) {
    this.values = allocate(length);
    this.gradients = allocate(length);
    this.#mean = new Float32Array(length);
    this.#square = new Float32Array(length);
  }

  /** One step of Adam with the gradients summed over `count` pictures, which it clears. */
  step(rate: number, count: number, time: number): void {
    const { values, gradients } = this;
    const [b1, b2] = [0.9, 0.999];
    const corrected = (rate * Math.sqrt(1 - b2 ** time)) / (1 - b1 ** time);
    for (let i = 0; i < values.length; i++) {
      const gradient = gradients[i]! / count;
      const mean = b1 * this.#mean[i]! + (1 - b1) * gradient;
      const square = b2 * this.#square[i]! + (1 - b2) * gradient * gradient;
      this.#mean[i] = mean;
      this.#square[i] = square;
      values[i]! -= (corrected * mean) / (Math.sqrt(square) + 1e-8);
    }
    gradients.fill(0);
  }
}

export class Layer {
  readonly outSize: number;
  readonly #pad: number;
  /** Output pixels in the batch, and values under the filter for each. */
  readonly #rows: number;
  readonly #depth: number;
  /** [kernel, kernel, in, out]; [kernel, kernel, channels] of a depthwise layer. */
  readonly weights: Parameters;
  readonly bias: Parameters;
  readonly output: Float32Array;
  /** The loss's gradient by `output`. */
  readonly gradient: Float32Array;
  // Windows, row by row, and the gradient by them; weights transposed. Of no use to a depthwise layer.
  readonly #windows: Float32Array;
  readonly #windowGradient: Float32Array;
  readonly #transposed: Float32Array;

  constructor(
    readonly spec: LayerSpec,
    readonly batch: number,
    readonly inSize: number,
    readonly inChannels: number,
    random: Random,
  ) {
    const { kind, kernel, stride, padding, channels } = spec;
    this.outSize = padding === 'same' ? Math.ceil(inSize / stride) : Math.floor((inSize - kernel) / stride) + 1;
    this.#pad = padding === 'same' ? Math.max(0, (this.outSize - 1) * stride + kernel - inSize) >> 1 : 0;
    this.#rows = batch * this.outSize ** 2;
    this.#depth = kernel * kernel * (kind === 'depthwise' ? 1 : inChannels);
    this.weights = new Parameters(this.#depth * channels);
    this.bias = new Parameters(channels);
    const deviation = Math.sqrt(2 / this.#depth);
    for (let i = 0; i < this.weights.values.length; i++) this.weights.values[i] = random.normal(deviation);
    this.output = allocate(this.#rows * channels);
    this.gradient = allocate(this.#rows * channels);
    const windows = kind === 'depthwise' ? 0 : this.#rows * this.#depth;
    this.#windows = allocate(windows);
    this.#windowGradient = allocate(windows);
    this.#transposed = allocate(kind === 'depthwise' ? 0 : this.weights.values.length);
  }

  /**
   * Calls `visit` for each row of each window: its first tap inside the picture, the input pixel under that tap, the
   * output pixel, and how many taps of the row are inside (their pixels lie side by side).
   */
  #eachRow(visit: (tap: number, inputPixel: number, outputPixel: number, taps: number) => void): void {
    const { inSize, outSize } = this;
    const { kernel, stride } = this.spec;
    for (let to = 0; to < this.#rows; to++) {
      const picture = Math.floor(to / (outSize * outSize));
      const top = (Math.floor(to / outSize) % outSize) * stride - this.#pad;
      const left = (to % outSize) * stride - this.#pad;
      const first = Math.max(0, -left);
      const taps = Math.min(kernel, inSize - left) - first;
      for (let ky = Math.max(0, -top); ky < kernel && top + ky < inSize; ky++) {
        visit(ky * kernel + first, (picture * inSize + top + ky) * inSize + left + first, to, taps);
      }
    }
  }

  forward(x: Float32Array): Float32Array {
    const { output: y, inChannels: ic } = this;
    const w = this.weights.values;
    const { kind, channels: oc } = this.spec;
    for (let at = 0; at < y.length; at += oc) y.set(this.bias.values, at);
    if (kind === 'depthwise') {
      this.#eachRow((tap, from, to, taps) => {
        for (let t = 0; t < taps; t++) {
          for (let c = 0; c < oc; c++) y[to * oc + c]! += x[(from + t) * oc + c]! * w[(tap + t) * oc + c]!;
        }
      });
    } else {
      const windows = this.#windows;
      this.#eachRow((tap, from, to, taps) => {
        const target = to * this.#depth + tap * ic;
        for (let i = 0; i < taps * ic; i++) windows[target + i] = x[from * ic + i]!;
      });
      multiply([this.#rows, oc, this.#depth], windows, w, y);
    }
    if (kind !== 'dense') for (let i = 0; i < y.length; i++) if (y[i]! < 0) y[i] = 0;
    return y;
  }

  /** Adds to the parameters' gradients; writes the gradient by the input `x` into `dx`, if given. */
  backward(x: Float32Array, dx?: Float32Array): void {
    const { output: y, gradient: dy, inChannels: ic } = this;
    const { values: w, gradients: dw } = this.weights;
    const db = this.bias.gradients;
    const { kind, channels: oc } = this.spec;
    if (kind !== 'dense') for (let i = 0; i < y.length; i++) if (y[i] === 0) dy[i] = 0;
    for (let at = 0; at < dy.length; at += oc) for (let c = 0; c < oc; c++) db[c]! += dy[at + c]!;
    dx?.fill(0);
    if (kind === 'depthwise') {
      this.#eachRow((tap, from, to, taps) => {
        for (let t = 0; t < taps; t++) {
          for (let c = 0; c < oc; c++) {
            const slope = dy[to * oc + c]!;
            dw[(tap + t) * oc + c]! += x[(from + t) * oc + c]! * slope;
            if (dx) dx[(from + t) * oc + c]! += w[(tap + t) * oc + c]! * slope;
          }
        }
      });
      return;
    }
    multiply([this.#depth, oc, this.#rows], this.#windows, dy, dw, true);
    if (!dx) return;
    const transposed = this.#transposed;
    for (let i = 0; i < w.length; i++) transposed[(i % oc) * this.#depth + Math.floor(i / oc)] = w[i]!;
    const windows = this.#windowGradient.fill(0);
    multiply([this.#rows, this.#depth, oc], dy, transposed, windows);
    this.#eachRow((tap, from, to, taps) => {
      const source = to * this.#depth + tap * ic;
      for (let i = 0; i < taps * ic; i++) dx[from * ic + i]! += windows[source + i]!;
    });
  }
}

export class Network {
  readonly layers: Layer[] = [];
  readonly parameterCount: number;
  /** Grey levels 0..1 of a batch of pictures. */
  readonly input: Float32Array;

  constructor(
    seed: number,
    readonly batch: number,
  ) {
    const random = new Random(seed);
    this.input = allocate(batch * inputSize * inputSize);
    let size = inputSize;
    let channels = 1;
    for (const spec of specs) {
      const layer = new Layer(spec, batch, size, channels, random);
      this.layers.push(layer);
      size = layer.outSize;
      channels = spec.channels;
    }
    this.parameterCount = this.layers.reduce((sum, l) => sum + l.weights.values.length + l.bias.values.length, 0);
  }

  /** Runs the pictures in `input`; ten numbers a picture, the greatest at its digit (probabilities before the softmax). */
  forward(): Float32Array {
    let x = this.input;
    for (const layer of this.layers) x = layer.forward(x);
    return x;
  }

  /** Adds the gradients of the cross-entropy, towards these digits, to all parameters' and returns the mean loss. */
  learn(digits: readonly number[], smoothing: number): number {
    const logits = this.forward();
    const { layers } = this;
    const { gradient } = layers.at(-1)!;
    let loss = 0;
    digits.forEach((digit, picture) => {
      const scores = logits.subarray(picture * 10, picture * 10 + 10);
      const greatest = Math.max(...scores);
      const logSum = greatest + Math.log(scores.reduce((sum, v) => sum + Math.exp(v - greatest), 0));
      for (let i = 0; i < 10; i++) {
        const target = smoothing / 10 + (i === digit ? 1 - smoothing : 0);
        gradient[picture * 10 + i] = Math.exp(scores[i]! - logSum) - target;
        loss -= target * (scores[i]! - logSum);
      }
    });
    for (let i = layers.length - 1; i >= 0; i--) {
      layers[i]!.backward(layers[i - 1]?.output ?? this.input, layers[i - 1]?.gradient);
    }
    return loss / digits.length;
  }

  step(rate: number, time: number): void {
    for (const { weights, bias } of this.layers) {
      weights.step(rate, this.batch, time);
      bias.step(rate, this.batch, time);
    }
  }
}
