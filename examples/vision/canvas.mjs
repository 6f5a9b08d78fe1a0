// Just enough drawing for boxes, masks, key points and captions on an RGB picture.

/** Glyphs of 3x5 pixels, one number each: rows from the top, three bits a row. */
// biome-ignore format: a table
const GLYPHS = new Map(
  Object.entries({
    a: 0o25755, b: 0o65656, c: 0o34443, d: 0o65556, e: 0o74647, f: 0o74644, g: 0o34553, h: 0o55755, i: 0o72227,
    j: 0o11152, k: 0o55655, l: 0o44447, m: 0o57755, n: 0o65555, o: 0o25552, p: 0o65644, q: 0o25573, r: 0o65655,
    s: 0o34216, t: 0o72222, u: 0o55557, v: 0o55552, w: 0o55775, x: 0o55255, y: 0o55222, z: 0o71247,
    0: 0o75557, 1: 0o26227, 2: 0o71747, 3: 0o71717, 4: 0o55711, 5: 0o74717, 6: 0o74757, 7: 0o71122, 8: 0o75757,
    9: 0o75717, '%': 0o51245, '-': 0o00700, '.': 0o00002, ' ': 0,
  }),
);

const STROKE = 2;

export class Canvas {
  constructor({ width, height, data }) {
    this.width = width;
    this.height = height;
    this.rgba = new Uint8Array(width * height * 4).fill(255);
    for (let i = 0; i < width * height; i++) this.rgba.set(data.subarray(i * 3, i * 3 + 3), i * 4);
  }

  /** Distinct colours for class numbers; 0 is black. The palette of PASCAL VOC: bits of the class, dealt out to R, G, B. */
  static color(index) {
    const color = [0, 0, 0];
    for (let bit = 7, rest = index; rest > 0; bit--, rest >>= 3) {
      for (let c = 0; c < 3; c++) color[c] |= ((rest >> c) & 1) << bit;
    }
    return color;
  }

  blend(x, y, color, opacity = 1) {
    const [px, py] = [Math.round(x), Math.round(y)];
    if (px < 0 || py < 0 || px >= this.width || py >= this.height) return;
    const at = (py * this.width + px) * 4;
    for (let c = 0; c < 3; c++) this.rgba[at + c] += (color[c] - this.rgba[at + c]) * opacity;
  }

  fill(left, top, right, bottom, color) {
    for (let y = Math.round(top); y < bottom; y++)
      for (let x = Math.round(left); x < right; x++) this.blend(x, y, color);
  }

  rectangle(left, top, right, bottom, color) {
    this.fill(left, top, right, top + STROKE, color);
    this.fill(left, bottom - STROKE, right, bottom, color);
    this.fill(left, top, left + STROKE, bottom, color);
    this.fill(right - STROKE, top, right, bottom, color);
  }

  disc(x, y, color, radius = 4) {
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        if (dx * dx + dy * dy <= radius * radius) this.blend(x + dx, y + dy, color);
      }
    }
  }

  line(x0, y0, x1, y1, color) {
    const steps = Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1));
    for (let i = 0; i <= steps; i++)
      this.disc(x0 + ((x1 - x0) * i) / steps, y0 + ((y1 - y0) * i) / steps, color, STROKE - 1);
  }

  /** A caption whose top left corner is at (x, y), moved into the picture if need be. */
  label(text, x, y, color, scale = 3) {
    const [width, height] = [(text.length * 4 + 1) * scale, 7 * scale];
    const left = Math.round(Math.max(0, Math.min(x, this.width - width)));
    const top = Math.round(Math.max(0, Math.min(y, this.height - height)));
    this.fill(left, top, left + width, top + height, color);
    const ink = color[0] * 0.3 + color[1] * 0.6 + color[2] * 0.1 > 128 ? [0, 0, 0] : [255, 255, 255];
    for (const [i, character] of [...text.toLowerCase()].entries()) {
      const glyph = GLYPHS.get(character) ?? GLYPHS.get('-');
      for (let bit = 0; bit < 15; bit++) {
        if (!((glyph >> (14 - bit)) & 1)) continue;
        const gx = left + (i * 4 + 1 + (bit % 3)) * scale;
        const gy = top + (1 + Math.floor(bit / 3)) * scale;
        this.fill(gx, gy, gx + scale, gy + scale, ink);
      }
    }
  }
}
