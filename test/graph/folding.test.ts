import { expect, test } from 'vitest';
import { Interpreter, loadModel } from '../../bindings/index.js';
import { buildModel, type TensorDescription } from '../support/build-model.js';
import '../support/builds.js';

const N = 128;
const LAYERS = 4;

/** Matrix products with halves as weights, all of which become floats before the first product. */
function layers(): Uint8Array {
  const eye = new Uint16Array(N * N);
  // 2 on the diagonal.
  for (let i = 0; i < N; i++) eye[i * (N + 1)] = 0x4000;
  const tensors: TensorDescription[] = [{ name: 'x', dtype: 'float32', shape: [8, N] }];
  const [first, operators] = [[] as object[], [] as object[]];
  for (let layer = 0; layer < LAYERS; layer++) {
    // Different bytes, lest the file holds them once.
    const data = eye.slice();
    data[N * N - 1 - layer] = 0x3c00;
    const halves = tensors.push({ dtype: 'float16', shape: [N, N], data }) - 1;
    const weights = tensors.push({ name: `w${layer}`, dtype: 'float32', shape: [N, N] }) - 1;
    const y = tensors.push({ dtype: 'float32', shape: [8, N] }) - 1;
    first.push({ op: 'DEQUANTIZE', inputs: [halves], outputs: [weights] });
    operators.push({ op: 'FULLY_CONNECTED', inputs: [layer ? y - 3 : 0, weights, -1], outputs: [y] });
  }
  const graph = { tensors, inputs: [0], outputs: [tensors.length - 1], operators: [...first, ...operators] };
  return buildModel({ subgraphs: [graph as Parameters<typeof buildModel>[0]['subgraphs'][0]] });
}

test('folded weights are in memory one at a time, until they are packed', async () => {
  const bytes = layers();
  using model = await loadModel(bytes);
  const { map, memory } = model.engine;
  const before = memory.buffer.byteLength;
  using interpreter = await Interpreter.create(model);
  const floats = N * N * 4;
  expect(map.used('constants')).toBeLessThan(floats);
  expect(memory.buffer.byteLength - before).toBeLessThan((LAYERS + 2) * floats);
  interpreter.inputs[0]!.set(Float32Array.from({ length: 8 * N }, (_, i) => i));
  interpreter.invoke();
  expect(Array.from(interpreter.outputs[0]!.data() as Float32Array).slice(0, 64)).toEqual(
    Array.from({ length: 64 }, (_, i) => 2 ** LAYERS * i),
  );
  // They can be read nevertheless.
  expect(interpreter.getTensor(2)[N + 1]).toBe(2);
  // Another interpreter finds them packed.
  using other = await Interpreter.create(model);
  expect(other.memory.packed).toBe(interpreter.memory.packed);
});
