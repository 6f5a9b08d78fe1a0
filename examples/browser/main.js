// Draw a digit, see what the model makes of it. The page needs dist/ (npm run build) and any static file server.
import { Interpreter, loadModel } from '../../dist/browser.js';

const canvas = document.querySelector('canvas');
const list = document.querySelector('ol');
const status = document.querySelector('output');
const pen = canvas.getContext('2d', { willReadFrequently: true });
const small = new OffscreenCanvas(28, 28).getContext('2d', { willReadFrequently: true });

const rows = Array.from({ length: 10 }, (_, digit) => {
  const row = document.createElement('li');
  row.innerHTML = `<span>${digit}</span><span class="track"><i></i></span><span></span>`;
  list.append(row);
  return row;
});

const model = await loadModel(new URL('../digits/digits.tflite', import.meta.url));
const interpreter = await Interpreter.create(model);
const [input] = interpreter.inputs;
const [output] = interpreter.outputs;

/** Scales the drawing to where the model expects a digit: 20 pixels long, in the middle of 28. */
function shrink() {
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  let [left, top, right, bottom] = [canvas.width, canvas.height, -1, -1];
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] === 0) continue;
    const x = (i / 4) % canvas.width;
    const y = Math.floor(i / 4 / canvas.width);
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
  }
  if (right < 0) return null;
  const scale = 20 / Math.max(right - left, bottom - top);
  const [width, height] = [(right - left) * scale, (bottom - top) * scale];
  small.fillRect(0, 0, 28, 28);
  small.imageSmoothingQuality = 'high';
  small.drawImage(canvas, left, top, right - left, bottom - top, 14 - width / 2, 14 - height / 2, width, height);
  const grey = small.getImageData(0, 0, 28, 28).data;
  return Float32Array.from({ length: 28 * 28 }, (_, i) => grey[i * 4] / 255);
}

function classify() {
  const pixels = shrink();
  const started = performance.now();
  if (pixels) {
    input.set(pixels);
    interpreter.invoke();
  }
  const probabilities = pixels ? [...output.data()] : new Array(10).fill(0);
  const best = Math.max(...probabilities);
  rows.forEach((row, digit) => {
    row.classList.toggle('best', best > 0 && probabilities[digit] === best);
    row.querySelector('i').style.width = `${100 * probabilities[digit]}%`;
    row.lastElementChild.textContent = pixels ? `${(100 * probabilities[digit]).toFixed(1)} %` : '';
  });
  const { build } = interpreter.info;
  status.value = pixels
    ? `${((performance.now() - started) * 1000).toFixed(0)} µs, ${build} build`
    : `Ready, ${build} build`;
}

function clear() {
  pen.fillStyle = '#000';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  classify();
}

let waiting = false;
let last = null;
canvas.addEventListener('pointerdown', (event) => {
  canvas.setPointerCapture(event.pointerId);
  last = null;
  draw(event);
});
canvas.addEventListener('pointermove', (event) => {
  if (event.buttons) draw(event);
});
document.querySelector('button').addEventListener('click', clear);

function draw({ offsetX: x, offsetY: y }) {
  Object.assign(pen, { strokeStyle: '#fff', lineWidth: 22, lineCap: 'round', lineJoin: 'round' });
  pen.beginPath();
  pen.moveTo(last?.x ?? x, last?.y ?? y);
  pen.lineTo(x, y);
  pen.stroke();
  last = { x, y };
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    classify();
  });
}

clear();
