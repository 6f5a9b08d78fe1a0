// PoseNet's decoder: several people's keypoints from heatmaps (logits, [h, w, 17]), short-range offsets ([h, w, 2 * 17]: y of
// all keypoints, then x) and mid-range offsets along the 16 edges of the skeleton ([h, w, 4 * 16]: forward y, forward x,
// backward y, backward x), all in units of heatmap cells. From the strongest local maximum on, keypoints are followed along
// the edges, strongest first; poses that repeat an earlier one are dropped, and shared keypoints count for the stronger pose.
// Equal scores are frequent in quantized heatmaps, so the queue is the binary heap of the C++ library that the operator was
// built with (libstdc++), step by step. Source: PersonLab (Papandreou et al. 2018) and Coral's posenet_decoder.

const KEYPOINTS: i32 = 17;
const EDGES: i32 = 16;
const REFINEMENTS: i32 = 5;

/** Parent and child of each edge, in the order of the mid-range offsets. */
const PARENTS = memory.data<u8>([0, 1, 0, 2, 0, 5, 7, 5, 11, 13, 0, 6, 8, 6, 12, 14]);
const CHILDREN = memory.data<u8>([1, 3, 2, 4, 5, 7, 9, 11, 13, 15, 6, 8, 10, 12, 14, 16]);

/** A queue entry: score, y, x, keypoint. */
const ENTRY: usize = 16;

// @ts-ignore: decorator
@inline
function at(heap: usize, i: i32): usize {
  return heap + <usize>i * ENTRY;
}

/** Puts `value` where it belongs above the hole `i`. */
function siftUp(heap: usize, i: i32, score: f32, rest: i64, id: i32): void {
  while (i > 0) {
    const parent = at(heap, (i - 1) >> 1);
    if (!(load<f32>(parent) < score)) break;
    memory.copy(at(heap, i), parent, ENTRY);
    i = (i - 1) >> 1;
  }
  const p = at(heap, i);
  store<f32>(p, score);
  store<i64>(p, rest, 4);
  store<i32>(p, id, 12);
}

// @ts-ignore: decorator
@inline
function push(heap: usize, size: i32, score: f32, y: f32, x: f32, id: i32): void {
  const rest = (<i64>reinterpret<u32>(x) << 32) | <i64>reinterpret<u32>(y);
  siftUp(heap, size, score, rest, id);
}

/** Moves the first entry behind the last: the hole sinks along the larger children, and the last entry rises from there. */
function pop(heap: usize, size: i32): void {
  const last = at(heap, size - 1);
  const score = load<f32>(last);
  const rest = load<i64>(last, 4);
  const id = load<i32>(last, 12);
  memory.copy(last, heap, ENTRY);
  const n = size - 1;
  if (n == 0) return;
  let hole = 0;
  let child = 0;
  while (child < (n - 1) >> 1) {
    child = 2 * (child + 1);
    if (load<f32>(at(heap, child)) < load<f32>(at(heap, child - 1))) child--;
    memory.copy(at(heap, hole), at(heap, child), ENTRY);
    hole = child;
  }
  if ((n & 1) == 0 && child == (n - 2) >> 1) {
    child = 2 * child + 1;
    memory.copy(at(heap, hole), at(heap, child), ENTRY);
    hole = child;
  }
  siftUp(heap, hole, score, rest, id);
}

// @ts-ignore: decorator
@inline
function within(x: f32, size: i32): f32 {
  return min(max(x, 0), <f32>(size - 1));
}

/** Bilinear sample of channel `c`. */
function sample(tensor: usize, height: i32, width: i32, channels: i32, y: f32, x: f32, c: i32): f32 {
  const py = within(y, height);
  const px = within(x, width);
  const y0 = <i32>floor(py);
  const x0 = <i32>floor(px);
  const top = tensor + (<usize>(y0 * width * channels + c) << 2);
  const bottom = tensor + (<usize>(<i32>ceil(py) * width * channels + c) << 2);
  const left = <usize>(x0 * channels) << 2;
  const right = <usize>(<i32>ceil(px) * channels) << 2;
  const fy = y - <f32>y0;
  const fx = x - <f32>x0;
  const a = (<f32>1 - fx) * load<f32>(top + left) + fx * load<f32>(top + right);
  const b = (<f32>1 - fx) * load<f32>(bottom + left) + fx * load<f32>(bottom + right);
  return (<f32>1 - fy) * a + fy * b;
}

// @ts-ignore: decorator
@inline
function distance2(a: usize, b: usize): f32 {
  const dy = load<f32>(b) - load<f32>(a);
  const dx = load<f32>(b, 4) - load<f32>(a, 4);
  return dy * dy + dx * dx;
}

// A pose in working memory: 17 points (y, x), 17 scores, its own score.
const POSE: usize = 256;
const SCORES: usize = 136;
const POSE_SCORE: usize = 204;

/** Follows the skeleton from the queue's only entry, the root; returns the score of the pose. */
function decodePose(
  heatmaps: usize, shorts: usize, mids: usize, height: i32, width: i32, queue: usize, pose: usize,
): f32 {
  let done: u32 = 0;
  let size = 1;
  while (size > 0) {
    pop(queue, size--);
    const entry = at(queue, size);
    const id = load<i32>(entry, 12);
    if (done & (1 << id)) continue;
    done |= 1 << id;
    const fromY = load<f32>(entry, 4);
    const fromX = load<f32>(entry, 8);
    store<f32>(pose + (<usize>id << 3), fromY);
    store<f32>(pose + (<usize>id << 3), fromX, 4);
    store<f32>(pose + SCORES + (<usize>id << 2), <f32>1 / (<f32>1 + Mathf.exp(-load<f32>(entry))));
    for (let k = 0; k < 2 * EDGES; k++) {
      const back = k >= EDGES;
      const e = back ? k - EDGES : k;
      const parent = <i32>load<u8>(PARENTS + e);
      const child = <i32>load<u8>(CHILDREN + e);
      if ((back ? child : parent) != id) continue;
      const to = back ? parent : child;
      if (done & (1 << to)) continue;
      // The original takes the first backward edge for a forward one; its results are the reference.
      const c = k > EDGES ? k + EDGES : k;
      let y = within(fromY + sample(mids, height, width, 4 * EDGES, fromY, fromX, c), height);
      let x = within(fromX + sample(mids, height, width, 4 * EDGES, fromY, fromX, c + EDGES), width);
      for (let i = 0; i < REFINEMENTS; i++) {
        const dy = sample(shorts, height, width, 2 * KEYPOINTS, y, x, to);
        const dx = sample(shorts, height, width, 2 * KEYPOINTS, y, x, to + KEYPOINTS);
        y = within(y + dy, height);
        x = within(x + dx, width);
      }
      push(queue, size++, sample(heatmaps, height, width, KEYPOINTS, y, x, to), y, x, to);
    }
  }
  return meanScore(pose, 0);
}

/** Mean of the scores of the keypoints not in `skip`, added from the largest down as the original does. */
function meanScore(pose: usize, skip: u32): f32 {
  let sum: f32 = 0;
  let left: u32 = (1 << KEYPOINTS) - 1;
  while (left) {
    let best = ctz(left);
    for (let k = best + 1; k < <u32>KEYPOINTS; k++) {
      if (left & (1 << k) && load<f32>(pose + SCORES + (<usize>k << 2)) > load<f32>(pose + SCORES + (<usize>best << 2))) best = k;
    }
    left &= ~(1 << best);
    if (!(skip & (1 << best))) sum += load<f32>(pose + SCORES + (<usize>best << 2));
  }
  return sum / <f32>KEYPOINTS;
}

/** Indices of n poses by falling score, stably. */
function sortPoses(order: usize, poses: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const score = load<f32>(poses + <usize>i * POSE, POSE_SCORE);
    let j = i;
    while (j > 0 && score > load<f32>(poses + <usize>load<i32>(order + (<usize>(j - 1) << 2)) * POSE, POSE_SCORE)) {
      store<i32>(order + (<usize>j << 2), load<i32>(order + (<usize>(j - 1) << 2)));
      j--;
    }
    store<i32>(order + (<usize>j << 2), i);
  }
}

/** Fills the queue with local maxima (3 x 3) above the threshold, refined by the short-range offsets; returns their number. */
function findRoots(heatmaps: usize, shorts: usize, height: i32, width: i32, threshold: f32, queue: usize): i32 {
  let size = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let k = 0; k < KEYPOINTS; k++) {
        const cell = y * width + x;
        const score = load<f32>(heatmaps + (<usize>(cell * KEYPOINTS + k) << 2));
        if (!(score >= threshold)) continue;
        let largest = true;
        for (let v = max(y - 1, 0); v < min(y + 2, height); v++) {
          for (let u = max(x - 1, 0); u < min(x + 2, width); u++) {
            if (load<f32>(heatmaps + (<usize>((v * width + u) * KEYPOINTS + k) << 2)) > score) largest = false;
          }
        }
        if (!largest) continue;
        const offset = shorts + (<usize>(2 * cell * KEYPOINTS + k) << 2);
        const ry = within(<f32>y + load<f32>(offset), height);
        const rx = within(<f32>x + load<f32>(offset, KEYPOINTS * 4), width);
        push(queue, size++, score, ry, rx, k);
      }
    }
  }
  return size;
}

/**
 * `queue` has room for h * w * 17 entries of 16 bytes and 64 more, `poses` for `limit` times 256 bytes and `limit` indices.
 * `logit` is the score threshold before the sigmoid, `radius` is in cells. Outputs: keypoints [limit, 17, (y, x)] in pixels,
 * their scores, the poses' scores and the number of poses; zero where unused. One unit.
 */
export function f32_posenet_decoder(
  heatmaps: usize, shorts: usize, mids: usize, height: i32, width: i32, limit: i32, threshold: f32, logit: f32, radius: f32,
  stride: i32, queue: usize, poses: usize, keypoints: usize, keypointScores: usize, poseScores: usize, poseCount: usize,
  begin: i32, end: i32,
): void {
  if (begin >= end) return;
  memory.fill(keypoints, 0, <usize>(limit * KEYPOINTS) << 3);
  memory.fill(keypointScores, 0, <usize>(limit * KEYPOINTS) << 2);
  memory.fill(poseScores, 0, <usize>limit << 2);
  const near = radius * radius;
  const decodeQueue = queue + <usize>(height * width * KEYPOINTS) * ENTRY;
  const order = poses + <usize>limit * POSE;

  let size = findRoots(heatmaps, shorts, height, width, logit, queue);
  let count = 0;
  while (count < limit && size > 0) {
    pop(queue, size--);
    const root = at(queue, size);
    const id = load<i32>(root, 12);
    let seen = false;
    for (let i = 0; i < count; i++) {
      if (distance2(root + 4, poses + <usize>i * POSE + (<usize>id << 3)) <= near) seen = true;
    }
    if (seen) continue;
    const pose = poses + <usize>count * POSE;
    const y = load<f32>(root, 4);
    const x = load<f32>(root, 8);
    push(decodeQueue, 0, sample(heatmaps, height, width, KEYPOINTS, y, x, id), y, x, id);
    const score = decodePose(heatmaps, shorts, mids, height, width, decodeQueue, pose);
    store<f32>(pose, score, POSE_SCORE);
    if (score >= threshold) count++;
  }

  // Keypoints that lie on those of a stronger pose no longer count.
  sortPoses(order, poses, count);
  for (let i = 0; i < count; i++) {
    const pose = poses + <usize>load<i32>(order + (<usize>i << 2)) * POSE;
    let hidden: u32 = 0;
    for (let j = 0; j < i; j++) {
      const other = poses + <usize>load<i32>(order + (<usize>j << 2)) * POSE;
      for (let k = 0; k < KEYPOINTS; k++) {
        if (distance2(pose + (<usize>k << 3), other + (<usize>k << 3)) <= near) hidden |= 1 << k;
      }
    }
    store<f32>(pose, meanScore(pose, hidden), POSE_SCORE);
  }

  sortPoses(order, poses, count);
  let found = 0;
  for (; found < count; found++) {
    const pose = poses + <usize>load<i32>(order + (<usize>found << 2)) * POSE;
    const score = load<f32>(pose, POSE_SCORE);
    if (score < threshold) break;
    const first = <usize>(found * KEYPOINTS);
    for (let k: usize = 0; k < 2 * KEYPOINTS; k++) {
      store<f32>(keypoints + (((first << 1) + k) << 2), load<f32>(pose + (k << 2)) * <f32>stride);
    }
    memory.copy(keypointScores + (first << 2), pose + SCORES, KEYPOINTS * 4);
    store<f32>(poseScores + (<usize>found << 2), score);
  }
  store<f32>(poseCount, <f32>found);
}
