// Draws what a vision model sees into a picture.
//
//   node examples/vision/draw.mjs detect|segment|pose MODEL IMAGE OUT.png [LABELS]
//
// detect   SSD with TFLite_Detection_PostProcess: boxes, class names, scores
// segment  DeepLab: class mask over the picture (argmax, if the model leaves that to us)
// pose     MoveNet single pose, or PoseNet with its decoder: key points and limbs
//
// Build first: npm run build.
import { writeFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { Interpreter, loadModel } from '../../dist/node.js';
import { findLabels, normalizationOf, pictureShape, pixelConverter, readImage, setPicture } from '../../dist/tools.js';
import { Canvas } from './canvas.mjs';

const MIN_SCORE = { detect: 0.5, pose: 0.3 };
const KEY_POINTS = ['nose', 'left eye', 'right eye', 'left ear', 'right ear', 'left shoulder', 'right shoulder']
  .concat(['left elbow', 'right elbow', 'left wrist', 'right wrist', 'left hip', 'right hip'])
  .concat(['left knee', 'right knee', 'left ankle', 'right ankle']);
// biome-ignore format: pairs read best side by side
const LIMBS = [
  [5, 6], [5, 7], [7, 9], [6, 8], [8, 10], [5, 11], [6, 12], [11, 12], [11, 13], [13, 15], [12, 14], [14, 16],
  [0, 1], [0, 2], [1, 3], [2, 4],
];

const TASKS = { detect, segment, pose };

const [task, modelPath, imagePath, outPath, labelsPath] = process.argv.slice(2);
if (!TASKS[task] || !outPath) {
  console.error('usage: node examples/vision/draw.mjs detect|segment|pose MODEL IMAGE OUT.png [LABELS]');
  process.exit(2);
}

const model = await loadModel(modelPath);
const interpreter = await Interpreter.create(model);
const image = readImage(imagePath);
const [input] = interpreter.inputs;
const shape = pictureShape(input.shape);
setPicture(input, shape, image, pixelConverter(input, shape.channels, { stated: normalizationOf(model.metadata) }));
interpreter.invoke();

const labels = await findLabels(model, modelPath, labelsPath);
const canvas = new Canvas(image);
TASKS[task](canvas, interpreter.outputs, labels?.names ?? []);

const png = new PNG({ width: canvas.width, height: canvas.height });
png.data.set(canvas.rgba);
writeFileSync(outPath, PNG.sync.write(png));
interpreter.close();
model.close();

/** Outputs: boxes [1, N, 4] as top, left, bottom, right in 0..1; classes [1, N]; scores [1, N]; count [1]. */
function detect(canvas, outputs, names) {
  const [boxes, classes, scores, count] = outputs.map((tensor) => tensor.real());
  for (let i = 0; i < count[0]; i++) {
    if (scores[i] < MIN_SCORE.detect) continue;
    const [top, left, bottom, right] = boxes.slice(i * 4, i * 4 + 4);
    const name = names[classes[i]] ?? `class ${classes[i]}`;
    console.log(
      `${name}  ${scores[i].toFixed(2)}  [${[top, left, bottom, right].map((x) => x.toFixed(3)).join(', ')}]`,
    );
    const color = Canvas.color(classes[i] + 1);
    const [x, y] = [left * canvas.width, top * canvas.height];
    canvas.rectangle(x, y, right * canvas.width, bottom * canvas.height, color);
    canvas.label(`${name} ${Math.round(scores[i] * 100)}%`, x, y, color);
  }
}

/** Output: [1, H, W, classes] of scores, [1, H, W] of classes, or [1, H, W, 1] of the probability of the one class. */
function segment(canvas, [output], names) {
  const [, height, width, depth = 1] = output.shape;
  const probability = output.shape.length === 4 && depth === 1;
  const classNames = probability ? ['background', ...names] : names;
  const data = output.data();
  const pixels = new Map();
  const classes = new Uint8Array(height * width);
  for (let i = 0; i < classes.length; i++) {
    let best = 0;
    for (let c = 1; c < depth; c++) if (data[i * depth + c] > data[i * depth + best]) best = c;
    classes[i] = depth > 1 ? best : probability ? Math.round(data[i]) : Number(data[i]);
    pixels.set(classes[i], (pixels.get(classes[i]) ?? 0) + 1);
  }
  for (const [c, n] of [...pixels].sort((a, b) => b[1] - a[1])) {
    console.log(`${classNames[c] ?? `class ${c}`}  ${((100 * n) / classes.length).toFixed(1)} %`);
  }
  for (let y = 0; y < canvas.height; y++) {
    for (let x = 0; x < canvas.width; x++) {
      const row = Math.floor((y * height) / canvas.height);
      const c = classes[row * width + Math.floor((x * width) / canvas.width)];
      if (c > 0) canvas.blend(x, y, Canvas.color(c), 0.6);
    }
  }
}

/**
 * MoveNet: one output [1, 1, 17, 3] of y, x in 0..1 and score. PoseNet's decoder: key points [1, N, 17, 2] as y, x in
 * pixels of the model's input, their scores [1, N, 17], scores of the poses [1, N], and how many there are.
 */
function pose(canvas, outputs) {
  const [first, second, third, fourth] = outputs.map((tensor) => tensor.real());
  if (outputs.length === 1) return drawPose(canvas, 1, (k) => first.slice(k * 3, k * 3 + 3));
  for (let p = 0; p < fourth[0]; p++) {
    console.log(`pose ${p}  ${third[p].toFixed(3)}`);
    if (third[p] < MIN_SCORE.pose) continue;
    drawPose(canvas, p + 1, (k) => {
      const at = p * KEY_POINTS.length + k;
      return [first[at * 2] / shape.height, first[at * 2 + 1] / shape.width, second[at]];
    });
  }
}

function drawPose(canvas, number, keyPoint) {
  const points = KEY_POINTS.map((name, k) => {
    const [y, x, score] = keyPoint(k);
    console.log(`${name.padEnd(14)}  ${score.toFixed(3)}  x ${x.toFixed(3)}  y ${y.toFixed(3)}`);
    return { x: x * canvas.width, y: y * canvas.height, seen: score >= MIN_SCORE.pose };
  });
  for (const [a, b] of LIMBS.map((limb) => limb.map((k) => points[k]))) {
    if (a.seen && b.seen) canvas.line(a.x, a.y, b.x, b.y, Canvas.color(number));
  }
  for (const { x, y, seen } of points) if (seen) canvas.disc(x, y, [255, 255, 255]);
}
