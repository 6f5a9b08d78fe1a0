import { typedArrayOf } from '../dtype.js';
import { checkShape, input, invalid, type OpNode, output, unsupported } from '../graph/ir.js';
import { type HostTensor, hostOperator } from './shared/host.js';
import { advance, generatorOf, uniformDouble } from './shared/random.js';

/** Words that a run takes out of the stream for each sample, whatever it needs. */
const RESERVED = 2 * 256;

function shapeOf(node: OpNode, [logits, samples]: readonly (HostTensor | null)[]): [batch: number, samples: number] {
  const n = Number(samples!.data[0]);
  if (n < 0) throw invalid(node, `${n} samples`);
  return [logits!.shape[0]!, n];
}

/** Classes drawn by the logits of each row. */
export const multinomial = hostOperator({
  name: 'MULTINOMIAL',
  stateful: true,
  check(node) {
    const [{ dtype, shape }, samples, y] = [input(node, 0), input(node, 1), output(node)];
    if (dtype !== 'float32') throw unsupported(node, `logits of type ${dtype}`);
    if (samples.dtype !== 'int32') throw unsupported(node, `a number of samples of type ${samples.dtype}`);
    if (y.dtype !== 'int32' && y.dtype !== 'int64') throw unsupported(node, `output of type ${y.dtype}`);
    checkShape(node, shape.length === 2 && shape[1]! > 0, () => `logits must be [batch, classes], not [${shape}]`);
    checkShape(node, !samples.shape.length, () => `the number of samples must be a scalar, not [${samples.shape}]`);
  },
  shapes: ({ node, inputs }) => [shapeOf(node, inputs)],
  run(call) {
    const { node, inputs } = call;
    const [batch, samples] = shapeOf(node, inputs);
    const classes = inputs[0]!.shape[1]!;
    const logits = inputs[0]!.data as Float32Array;
    const { dtype } = output(node);
    const data = new (typedArrayOf(dtype))(batch * samples);
    const kept = generatorOf(call);
    const generator = kept.copy();
    advance(kept.counter, batch * Math.ceil(samples / 4) * 4 * RESERVED);
    let words: number[] = [];
    for (let row = 0; row < batch; row++) {
      const own = logits.subarray(row * classes, (row + 1) * classes);
      const top = own.filter(Number.isFinite).reduce((a, b) => Math.max(a, b), -Infinity);
      let total = 0;
      const sums = Array.from(own, (v) => {
        if (Number.isFinite(v)) total += Math.exp(v - top);
        return total;
      });
      for (let i = 0; i < samples; i++) {
        if (!words.length) words = Array.from(generator.next());
        const wanted = uniformDouble(words.shift()!, words.shift()!) * total;
        const found = sums.findIndex((sum) => sum > wanted);
        const drawn = found < 0 ? classes : found;
        data[row * samples + i] = dtype === 'int64' ? BigInt(drawn) : drawn;
      }
    }
    return [{ shape: [batch, samples], data }];
  },
});
