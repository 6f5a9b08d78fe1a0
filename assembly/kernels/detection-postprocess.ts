// The parts of TFLite_Detection_PostProcess: boxes from encodings and anchors, then non-maximum suppression.
// A box is (ymin, xmin, ymax, xmax), an encoding (y, x, h, w) relative to its anchor (y, x, h, w):
//   centre = encoding / scale * anchor size + anchor centre,  half size = e^(encoding / scale) * anchor size / 2
// computed in double and rounded to float, as TFLite does. Suppression takes candidates by falling score, the first of equal
// scores first, and keeps one if no box kept before overlaps it by more than the threshold.

/** e^x in double, good to the last bits: 2^k e^r with |r| <= ln2/2 and the Taylor polynomial of degree 13. */
function exp64(x: f64): f64 {
  if (!(x < 709)) return x != x ? x : Infinity;
  if (x < -708) return 0;
  const k = nearest(x * 1.4426950408889634);
  const r = x - k * 0.6931471803691238 - k * 1.9082149292705877e-10;
  let p: f64 = 1;
  for (let i = 13; i > 0; i--) p = 1 + (r * p) / <f64>i;
  return p * reinterpret<f64>((<i64>k + 1023) << 52);
}

/** Centre and half size along one axis, to the ends in y[0] and y[2]. */
// @ts-ignore: decorator
@inline
function decodeAxis(x: usize, anchor: usize, y: usize, centreScale: f32, sizeScale: f32): void {
  const size = <f64>load<f32>(anchor, 8);
  const centre = <f32>((<f64>load<f32>(x) / <f64>centreScale) * size + <f64>load<f32>(anchor));
  const half = <f32>(0.5 * exp64(<f64>load<f32>(x, 8) / <f64>sizeScale) * size);
  store<f32>(y, centre - half);
  store<f32>(y, centre + half, 8);
}

/** Boxes y [n, 4] from encodings x [n, stride] and anchors [n, 4]. Units are boxes. */
export function f32_decode_boxes(
  x: usize, anchors: usize, y: usize, stride: i32, yScale: f32, xScale: f32, hScale: f32, wScale: f32, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; i++) {
    const p = x + (<usize>i * stride << 2);
    const a = anchors + (<usize>i << 4);
    const q = y + (<usize>i << 4);
    decodeAxis(p, a, q, yScale, hScale);
    decodeAxis(p + 4, a + 4, q + 4, xScale, wScale);
  }
}

function overlap(a: usize, b: usize): f32 {
  const areaA = (load<f32>(a, 8) - load<f32>(a)) * (load<f32>(a, 12) - load<f32>(a, 4));
  const areaB = (load<f32>(b, 8) - load<f32>(b)) * (load<f32>(b, 12) - load<f32>(b, 4));
  if (areaA <= 0 || areaB <= 0) return 0;
  const height = min(load<f32>(a, 8), load<f32>(b, 8)) - max(load<f32>(a), load<f32>(b));
  const width = min(load<f32>(a, 12), load<f32>(b, 12)) - max(load<f32>(a, 4), load<f32>(b, 4));
  const common = max<f32>(height, 0) * max<f32>(width, 0);
  return common / (areaA + areaB - common);
}

// @ts-ignore: decorator
@inline
function scoreOf(scores: usize, stride: i32, i: i32): f32 {
  return load<f32>(scores + (<usize>i * stride << 2));
}

/** Sorts n indices at `a` by falling score, stably, with room for n more at `b`; returns where the result is. */
function sortByScore(a: usize, b: usize, n: i32, scores: usize, stride: i32): usize {
  for (let width = 1; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      let i = start;
      let j = min(start + width, n);
      const middle = j;
      const stop = min(start + 2 * width, n);
      for (let k = start; k < stop; k++) {
        const left =
          j >= stop ||
          (i < middle &&
            scoreOf(scores, stride, load<i32>(a + (<usize>i << 2))) >=
              scoreOf(scores, stride, load<i32>(a + (<usize>j << 2))));
        store<i32>(b + (<usize>k << 2), load<i32>(a + (<usize>(left ? i++ : j++) << 2)));
      }
    }
    const t = a;
    a = b;
    b = t;
  }
  return a;
}

/** Keeps at most `limit` of n boxes; their indices go to `kept`. `work` has room for 2 n indices. Returns their number. */
function suppress(
  boxes: usize, scores: usize, stride: i32, n: i32, limit: i32, scoreThreshold: f32, overlapThreshold: f32, work: usize,
  kept: usize,
): i32 {
  let candidates = 0;
  for (let i = 0; i < n; i++) {
    if (scoreOf(scores, stride, i) >= scoreThreshold) store<i32>(work + (<usize>(candidates++) << 2), i);
  }
  const order = sortByScore(work, work + (<usize>n << 2), candidates, scores, stride);
  let count = 0;
  for (let c = 0; c < candidates && count < limit; c++) {
    const i = load<i32>(order + (<usize>c << 2));
    let k = 0;
    while (k < count) {
      if (overlap(boxes + (<usize>load<i32>(kept + (<usize>k << 2)) << 4), boxes + (<usize>i << 4)) > overlapThreshold) break;
      k++;
    }
    if (k == count) store<i32>(kept + (<usize>(count++) << 2), i);
  }
  return count;
}

/**
 * "Fast": one suppression over the boxes' best scores. `scores` and `classes` [n, k] are the k best of each box; every kept box
 * is put out k times, in slots of `slots`. Outputs are [limit * slots, ...], zero where unused. One unit.
 */
export function f32_nms_fast(
  boxes: usize, scores: usize, classes: usize, work: usize, kept: usize, n: i32, k: i32, slots: i32, limit: i32,
  scoreThreshold: f32, overlapThreshold: f32, outBoxes: usize, outClasses: usize, outScores: usize, outCount: usize,
  begin: i32, end: i32,
): void {
  if (begin >= end) return;
  memory.fill(outBoxes, 0, <usize>limit * slots << 4);
  memory.fill(outClasses, 0, <usize>limit * slots << 2);
  memory.fill(outScores, 0, <usize>limit * slots << 2);
  const count = suppress(boxes, scores, k, n, limit, scoreThreshold, overlapThreshold, work, kept);
  for (let c = 0; c < count; c++) {
    const i = load<i32>(kept + (<usize>c << 2));
    for (let s = 0; s < k; s++) {
      const to = <usize>c * slots + s;
      const from = <usize>i * k + s;
      memory.copy(outBoxes + (to << 4), boxes + (<usize>i << 4), 16);
      store<f32>(outClasses + (to << 2), <f32>load<i32>(classes + (from << 2)));
      store<f32>(outScores + (to << 2), load<f32>(scores + (from << 2)));
    }
  }
  store<f32>(outCount, <f32>count);
}

/**
 * "Regular": one suppression a class (scores [n, stride], class c in column c), each keeping at most `perClass`; the best `limit` of
 * all are put out, by falling score, lower classes first among equals. `merged` has room for 2 * (limit + perClass) pairs
 * of score and box * stride + class. Outputs hold `slots` * `limit` boxes, zero where unused. One unit.
 */
export function f32_nms_regular(
  boxes: usize, scores: usize, work: usize, kept: usize, merged: usize, n: i32, stride: i32, classes: i32, perClass: i32,
  slots: i32, limit: i32, scoreThreshold: f32, overlapThreshold: f32, outBoxes: usize, outClasses: usize, outScores: usize,
  outCount: usize, begin: i32, end: i32,
): void {
  if (begin >= end) return;
  memory.fill(outBoxes, 0, <usize>limit * slots << 4);
  memory.fill(outClasses, 0, <usize>limit * slots << 2);
  memory.fill(outScores, 0, <usize>limit * slots << 2);
  let total = 0;
  let list = merged;
  let other = merged + (<usize>(limit + perClass) << 3);
  for (let c = 0; c < classes; c++) {
    const column = scores + (<usize>c << 2);
    const count = suppress(boxes, column, stride, n, perClass, scoreThreshold, overlapThreshold, work, kept);
    if (count == 0) continue;
    const sum = min(total + count, limit);
    for (let k = 0, i = 0, j = 0; k < sum; k++) {
      const box = j < count ? load<i32>(kept + (<usize>j << 2)) : 0;
      const to = other + (<usize>k << 3);
      if (j >= count || (i < total && load<f32>(list + (<usize>i << 3)) >= scoreOf(column, stride, box))) {
        store<i64>(to, load<i64>(list + (<usize>(i++) << 3)));
      } else {
        store<f32>(to, scoreOf(column, stride, box));
        store<i32>(to, box * stride + c, 4);
        j++;
      }
    }
    total = sum;
    const t = list;
    list = other;
    other = t;
  }
  for (let k = 0; k < total; k++) {
    const from = list + (<usize>k << 3);
    const index = load<i32>(from, 4);
    const box = index / stride;
    memory.copy(outBoxes + (<usize>k << 4), boxes + (<usize>box << 4), 16);
    store<f32>(outClasses + (<usize>k << 2), <f32>(index - box * stride));
    store<f32>(outScores + (<usize>k << 2), load<f32>(from));
  }
  store<f32>(outCount, <f32>total);
}
