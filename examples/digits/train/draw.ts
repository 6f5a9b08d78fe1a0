// Draws handwritten-looking digits: a style's strokes (glyphs.ts) with trembling control points, warped, slanted, turned,
// scaled and placed, then inked with a pen of some width and softness onto paper with some shade and grain.
// Everything happens to the curves, in units of the picture, so one seed gives the same digit at every picture size.
import { glyphs, type Point, type Stroke } from './glyphs.js';
import { Random } from './random.js';

export interface Drawing {
  digit: number;
  /** size × size grey levels, row by row; light ink on dark paper unless `inverted`. */
  pixels: Uint8Array;
  size: number;
  inverted: boolean;
}

export interface DrawOptions {
  /** Width and height of the picture. */
  size?: number;
  /** Which digit; by default the seed decides. */
  digit?: number;
  /** Dark ink on light paper; by default the seed decides (about one in four). */
  inverted?: boolean;
}

interface Dot {
  x: number;
  y: number;
  /** Half the pen's width here. */
  radius: number;
}

/** The digit number `index` of the series `seed`. Series with different seeds have nothing in common. */
export function drawDigit(seed: number, index: number, options: DrawOptions = {}): Drawing {
  const size = options.size ?? 28;
  const r = new Random(seed, index);
  const chosen = Math.floor(r.between(0, 10));
  const digit = options.digit ?? chosen;
  const invertedBySeed = r.chance(0.25);
  const inverted = options.inverted ?? invertedBySeed;

  const extent = r.chance(0.5) ? r.between(0.58, 0.74) : r.between(0.42, 0.8);
  const strokes = place(distort(tremble(r.pick(glyphs[digit]!)(r), r), r), extent, r);
  const levels = ink(
    penStrokes(strokes, extent, r),
    r.chance(0.5) ? r.between(0.02, 0.035) : r.between(0.03, 0.07),
    size,
  );
  return { digit, pixels: paper(levels, size, inverted, r), size, inverted };
}

/** Moves each control point a little; both points of a corner together. */
function tremble(strokes: Stroke[], r: Random): Stroke[] {
  const amount = r.between(0.005, 0.04);
  return strokes.map((stroke) => {
    let previous: Point | undefined;
    let moved: Point | undefined;
    return stroke.map((point) => {
      if (!moved || !previous || point[0] !== previous[0] || point[1] !== previous[1]) {
        moved = [point[0] + r.normal(amount), point[1] + r.normal(amount)];
      }
      previous = point;
      return moved;
    });
  });
}

/** Flattens the curves, then shifts their proportions and bends them with slow waves (an elastic distortion). */
function distort(strokes: Stroke[], r: Random): Stroke[] {
  const bulgeX = Math.exp(r.normal(0.18));
  const bulgeY = Math.exp(r.normal(0.18));
  const waves = Array.from({ length: 3 }, () => ({
    fx: r.between(-1, 1) * 1.3,
    fy: r.between(-1, 1) * 1.3,
    phase: r.between(0, 2 * Math.PI),
    dx: r.normal(0.03),
    dy: r.normal(0.03),
  }));
  const power = (v: number, exponent: number) => (v <= 0 ? v : v ** exponent);
  return strokes.map((stroke) =>
    flatten(stroke).map(([x, y]) => {
      let u = power(x, bulgeX);
      let v = power(y, bulgeY);
      for (const wave of waves) {
        const s = Math.sin(2 * Math.PI * (wave.fx * x + wave.fy * y) + wave.phase);
        u += wave.dx * s;
        v += wave.dy * s;
      }
      return [u, v];
    }),
  );
}

/** Catmull-Rom curve through the points, as short lines; a doubled point ends one curve and begins the next. */
function flatten(points: Stroke): Stroke {
  const line: Stroke = [];
  let begin = 0;
  for (let i = 1; i <= points.length; i++) {
    const a = points[i - 1]!;
    const b = points[i];
    if (b && (a[0] !== b[0] || a[1] !== b[1])) continue;
    const piece = points.slice(begin, i);
    for (let j = 0; j + 1 < piece.length; j++) {
      const p1 = piece[j]!;
      const p2 = piece[j + 1]!;
      const p0 = piece[j - 1] ?? p1;
      const p3 = piece[j + 2] ?? p2;
      const steps = Math.max(2, Math.ceil(Math.hypot(p2[0] - p1[0], p2[1] - p1[1]) / 0.07));
      for (let s = 0; s < steps; s++) line.push(catmullRom(p0, p1, p2, p3, s / steps));
    }
    line.push(piece.at(-1)!);
    begin = i;
  }
  return line;
}

function catmullRom(p0: Point, p1: Point, p2: Point, p3: Point, t: number): Point {
  const along = (a: number, b: number, c: number, d: number) =>
    b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  return [along(p0[0], p1[0], p2[0], p3[0]), along(p0[1], p1[1], p2[1], p3[1])];
}

/** Slants, turns and stretches the digit, then scales its longer side to `extent`, somewhere about the middle. */
function place(strokes: Stroke[], extent: number, r: Random): Stroke[] {
  const narrow = r.chance(0.6) ? r.between(0.55, 0.9) : r.between(0.5, 1.25);
  const slant = r.normal(0.2) + 0.1;
  const turn = r.normal(0.1);
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const shaped = strokes.map((stroke) =>
    stroke.map(([x, y]): Point => {
      const u = (x - 0.5) * narrow - (y - 0.5) * slant;
      const v = y - 0.5;
      return [c * u - s * v, s * u + c * v];
    }),
  );
  const xs = shaped.flat().map((p) => p[0]);
  const ys = shaped.flat().map((p) => p[1]);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = extent / Math.max(right - left, bottom - top);
  const room = 0.5 - extent / 2 - 0.04;
  const dx = 0.5 + r.normal(Math.min(0.05, room / 3));
  const dy = 0.5 + r.normal(Math.min(0.05, room / 3));
  const [mx, my] = [(left + right) / 2, (top + bottom) / 2];
  return shaped.map((stroke) => stroke.map(([x, y]): Point => [(x - mx) * scale + dx, (y - my) * scale + dy]));
}

/** Gives the lines a pen's width, in proportion to the digit, which swells and thins along the way. */
function penStrokes(strokes: Stroke[], extent: number, r: Random): Dot[][] {
  const width = Math.max(0.03, 0.06 * extent * Math.exp(r.between(0, 1.2)));
  const swell = r.between(0, 0.22);
  const rate = r.between(0.5, 2.5);
  return strokes.map((stroke) => {
    const phase = r.between(0, 2 * Math.PI);
    return stroke.map(([x, y], i) => {
      const along = (i / Math.max(1, stroke.length - 1)) * 2 * Math.PI * rate;
      return { x, y, radius: (width / 2) * (1 + swell * Math.sin(along + phase)) };
    });
  });
}

/** Ink per pixel, 0..1: full inside the stroke, falling to nothing over `softness` (never under a pixel) across its edge. */
function ink(strokes: Dot[][], softness: number, size: number): Float32Array {
  const levels = new Float32Array(size * size);
  const soft = Math.max(softness, 1 / size);
  for (const stroke of strokes) {
    for (let i = 0; i + 1 < stroke.length; i++) {
      const a = stroke[i]!;
      const b = stroke[i + 1]!;
      const reach = Math.max(a.radius, b.radius) + soft / 2;
      const x0 = Math.max(0, Math.floor((Math.min(a.x, b.x) - reach) * size - 0.5));
      const x1 = Math.min(size - 1, Math.ceil((Math.max(a.x, b.x) + reach) * size - 0.5));
      const y0 = Math.max(0, Math.floor((Math.min(a.y, b.y) - reach) * size - 0.5));
      const y1 = Math.min(size - 1, Math.ceil((Math.max(a.y, b.y) + reach) * size - 0.5));
      const [vx, vy] = [b.x - a.x, b.y - a.y];
      const length2 = vx * vx + vy * vy || 1e-12;
      for (let py = y0; py <= y1; py++) {
        for (let px = x0; px <= x1; px++) {
          const wx = (px + 0.5) / size - a.x;
          const wy = (py + 0.5) / size - a.y;
          const t = Math.min(1, Math.max(0, (wx * vx + wy * vy) / length2));
          const distance = Math.sqrt((wx - t * vx) ** 2 + (wy - t * vy) ** 2) - (a.radius + t * (b.radius - a.radius));
          const edge = Math.min(1, Math.max(0, 0.5 - distance / soft));
          const level = edge * edge * (3 - 2 * edge);
          const at = py * size + px;
          if (level > levels[at]!) levels[at] = level;
        }
      }
    }
  }
  return levels;
}

/** Puts the ink on paper: three times in five clean black, else with shade, grain, specks and fainter ink. */
function paper(levels: Float32Array, size: number, inverted: boolean, r: Random): Uint8Array {
  const clean = r.chance(0.6);
  const strength = clean ? r.between(0.9, 1) : r.between(0.6, 1);
  const shade = clean ? 0 : r.between(0, 0.2);
  const slopeX = clean ? 0 : r.normal(0.05);
  const slopeY = clean ? 0 : r.normal(0.05);
  const grain = clean ? 0 : r.between(0, 0.07);
  const specks = clean || r.chance(0.7) ? [] : Array.from({ length: 3 }, () => [r.between(0, 1), r.between(0, 1)]);
  const pixels = new Uint8Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [u, v] = [(x + 0.5) / size, (y + 0.5) / size];
      let level = levels[y * size + x]! * strength;
      for (const [sx, sy] of specks) if (Math.hypot(u - sx!, v - sy!) < 0.022) level = Math.max(level, 0.6);
      const ground = shade + slopeX * (u - 0.5) + slopeY * (v - 0.5);
      level = ground + (1 - ground) * level + (grain ? r.normal(grain) : 0);
      const grey = Math.round(255 * Math.min(1, Math.max(0, level)));
      pixels[y * size + x] = inverted ? 255 - grey : grey;
    }
  }
  return pixels;
}
