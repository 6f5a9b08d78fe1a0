// How each digit is written: several styles a digit, each a list of pen strokes in a unit box (x right, y down).
// A stroke is a smooth curve through its points; a point given twice in a row is a corner.
// Styles take their proportions from the generator, so no two digits come out alike even before distortion.
import type { Random } from './random.js';

export type Point = readonly [x: number, y: number];
export type Stroke = Point[];
export type Style = (r: Random) => Stroke[];

/** Points on an ellipse; angles in degrees, 0 to the right, growing clockwise. */
function arc(cx: number, cy: number, rx: number, ry: number, from: number, to: number): Stroke {
  const steps = Math.max(3, Math.ceil(Math.abs(to - from) / 50));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });
}

const corner = (x: number, y: number): Point[] => [
  [x, y],
  [x, y],
];

const zero: Style[] = [
  (r) => {
    const from = -90 + r.normal(40);
    return [arc(0.5, 0.5, r.between(0.28, 0.54), 0.5, from, from - 360 + r.between(-45, 14))];
  },
  (r) => {
    const from = -70 + r.normal(30);
    const rx = r.between(0.26, 0.5);
    // Written clockwise, the end overlapping the start a little inside.
    return [[...arc(0.5, 0.5, rx, 0.5, from, from + 340), ...arc(0.5, 0.52, rx * 0.86, 0.44, from + 352, from + 372)]];
  },
];

const one: Style[] = [
  (r) => [
    [
      [0.5, 0],
      [0.5 + r.normal(0.03), 0.5],
      [0.5, 1],
    ],
  ],
  (r) => {
    const reach = r.between(0.08, 0.26);
    return [[[0.5 - reach, r.between(0.14, 0.3)], ...corner(0.52, 0), [0.52 + r.normal(0.02), 0.5], [0.52, 1]]];
  },
  (r) => {
    const reach = r.between(0.1, 0.28);
    const base = r.between(0.15, 0.32);
    return [
      [[0.5 - reach, r.between(0.14, 0.3)], ...corner(0.5, 0), [0.5, 1]],
      [
        [0.5 - base, 1 + r.normal(0.015)],
        [0.5 + base, 1 + r.normal(0.015)],
      ],
    ];
  },
];

const two: Style[] = [
  (r) => {
    const shoulder = r.between(0.25, 0.36);
    return [
      [
        [r.between(0.08, 0.2), r.between(0.16, 0.32)],
        [0.24, 0.07],
        [0.5, 0],
        [0.78, 0.08],
        [0.86, shoulder],
        [0.68, 0.58],
        [0.36, 0.84],
        ...corner(0.08, 0.98),
        [0.5, r.between(0.93, 1)],
        [r.between(0.84, 1), r.between(0.92, 1.02)],
      ],
    ];
  },
  // With a loop at the foot.
  (r) => [
    [
      [r.between(0.08, 0.2), r.between(0.14, 0.3)],
      [0.3, 0.03],
      [0.6, 0.02],
      [0.78, 0.2],
      [0.72, 0.48],
      [0.48, 0.78],
      [0.22, r.between(0.95, 1)],
      [0.07, r.between(0.88, 0.95)],
      [0.16, r.between(0.76, 0.84)],
      [0.4, 0.84],
      [0.66, 0.97],
      [0.95, r.between(0.84, 0.98)],
    ],
  ],
  // Rounded at the foot, without a corner.
  (r) => [
    [
      [r.between(0.1, 0.25), r.between(0.08, 0.22)],
      [0.5, 0],
      [0.82, 0.14],
      [0.74, 0.42],
      [0.4, 0.7],
      [0.14, 0.93],
      [0.3, 0.99],
      [0.6, 0.95],
      [r.between(0.85, 1), r.between(0.9, 1)],
    ],
  ],
  // Angular, like a Z with a bent top.
  (r) => [
    [
      [0.1, r.between(0.05, 0.15)],
      [0.5, 0],
      [0.84, r.between(0.05, 0.12)],
      [0.78, 0.3],
      ...corner(0.1, 1),
      [r.between(0.85, 1), r.between(0.95, 1)],
    ],
  ],
];

const three: Style[] = [
  (r) => {
    const waist = r.between(0.4, 0.52);
    const cusp = r.between(0.22, 0.52);
    return [
      [
        [r.between(0.06, 0.2), r.between(0.08, 0.22)],
        [0.38, 0],
        [0.7, 0.05],
        [0.8, waist * 0.5],
        [0.66, waist - 0.07],
        ...corner(cusp, waist),
        [0.68, waist + 0.06],
        [0.88, (waist + 1) / 2],
        [0.72, 0.95],
        [0.38, 1],
        [r.between(0.02, 0.16), r.between(0.82, 0.94)],
      ],
    ];
  },
  // The waist is a small loop.
  (r) => [
    [
      [r.between(0.1, 0.22), r.between(0.08, 0.2)],
      [0.45, 0],
      [0.76, 0.1],
      [0.72, 0.32],
      [0.48, 0.46],
      [0.36, 0.46],
      [0.44, 0.4],
      [0.7, 0.5],
      [0.86, 0.72],
      [0.68, 0.95],
      [0.36, 1],
      [r.between(0.02, 0.16), r.between(0.84, 0.94)],
    ],
  ],
  // Begins with a curl.
  (r) => {
    const waist = r.between(0.4, 0.5);
    return [
      [
        [r.between(0.3, 0.48), r.between(0.22, 0.34)],
        [0.14, 0.3],
        [0.1, 0.1],
        [0.44, 0],
        [0.76, 0.12],
        [0.68, waist - 0.08],
        ...corner(r.between(0.3, 0.5), waist),
        [0.74, waist + 0.08],
        [0.94, (waist + 1) / 2],
        [0.74, 0.95],
        [0.38, 1],
        [r.between(0, 0.14), r.between(0.84, 0.94)],
      ],
    ];
  },
  // Flat top.
  (r) => [
    [
      [r.between(0.08, 0.2), 0.02],
      ...corner(0.82, 0),
      ...corner(r.between(0.3, 0.46), r.between(0.36, 0.44)),
      [0.72, 0.47],
      [0.88, 0.7],
      [0.68, 0.95],
      [0.35, 1],
      [r.between(0.02, 0.16), r.between(0.84, 0.94)],
    ],
  ],
];

const four: Style[] = [
  // Open, two strokes.
  (r) => {
    const bar = r.between(0.5, 0.68);
    const stem = r.between(0.6, 0.78);
    return [
      [[r.between(0.1, 0.35), 0], [0.12, bar * 0.6], ...corner(0.06, bar), [r.between(0.85, 1), bar + r.normal(0.03)]],
      [
        [stem, r.between(0.0, 0.36)],
        [stem - 0.02, 0.6],
        [stem - r.between(0, 0.1), 1],
      ],
    ];
  },
  // Closed triangle.
  (r) => {
    const bar = r.between(0.58, 0.74);
    const stem = r.between(0.62, 0.74);
    return [
      [...corner(stem, 0), ...corner(0.04, bar), [r.between(0.85, 1), bar + r.normal(0.02)]],
      [
        [stem, 0],
        [stem, 1],
      ],
    ];
  },
  // Rounded cup, one stroke down beside it.
  (r) => {
    const bar = r.between(0.42, 0.58);
    return [
      [
        [r.between(0.08, 0.2), r.between(0, 0.08)],
        [0.1, bar * 0.7],
        [0.24, bar],
        [0.52, bar],
        [0.8, bar - r.between(0.02, 0.12)],
      ],
      [
        [r.between(0.78, 0.9), r.between(0, 0.12)],
        [0.8, 0.5],
        [r.between(0.68, 0.82), 1],
      ],
    ];
  },
  // One stroke: cup, up, and down again.
  (r) => [
    [
      [r.between(0.1, 0.28), 0.02],
      [0.12, 0.34],
      [0.3, 0.48],
      [0.6, r.between(0.38, 0.46)],
      ...corner(0.84, r.between(0.02, 0.14)),
      [0.78, 0.5],
      [r.between(0.62, 0.8), 1],
    ],
  ],
];

const five: Style[] = [
  // Body, then the bar.
  (r) => {
    const belly = r.between(0.34, 0.44);
    return [
      [
        [0.24, 0.02],
        ...corner(0.18, belly + 0.04),
        [0.5, belly - 0.02],
        [0.82, belly + 0.14],
        [0.82, 0.82],
        [0.5, 1],
        [r.between(0.04, 0.16), r.between(0.84, 0.96)],
      ],
      [
        [0.22, 0.03],
        [r.between(0.75, 0.98), r.between(-0.04, 0.05)],
      ],
    ];
  },
  // One stroke, from the bar's right end.
  (r) => {
    const belly = r.between(0.36, 0.46);
    return [
      [
        [r.between(0.74, 0.95), r.between(-0.02, 0.06)],
        ...corner(0.26, 0.03),
        ...corner(0.18, belly),
        [0.5, belly - 0.03],
        [0.8, belly + 0.16],
        [0.76, 0.86],
        [0.42, 1],
        [r.between(0.04, 0.16), r.between(0.84, 0.96)],
      ],
    ];
  },
  // Rounded, like an S.
  (r) => [
    [
      [r.between(0.75, 0.92), r.between(0, 0.08)],
      [0.5, 0.02],
      [0.3, 0.1],
      [0.24, 0.32],
      [0.42, 0.43],
      [0.7, 0.54],
      [0.78, 0.76],
      [0.6, 0.96],
      [0.3, 1],
      [r.between(0.04, 0.14), r.between(0.86, 0.96)],
    ],
  ],
  // Steep and slim, small belly.
  (r) => [
    [
      [r.between(0.8, 1), r.between(-0.02, 0.06)],
      ...corner(0.44, 0.06),
      [0.32, 0.4],
      [0.6, 0.5],
      [0.66, 0.78],
      [0.42, 0.98],
      [r.between(0.08, 0.2), r.between(0.88, 0.98)],
    ],
  ],
];

const six: Style[] = [
  (r) => {
    const loop = r.between(0.42, 0.56);
    return [
      [
        [r.between(0.6, 0.82), r.between(0, 0.04)],
        [0.36, 0.22],
        [0.15, 0.56],
        [0.2, 0.9],
        [0.5, 1],
        [0.8, 0.86],
        [0.78, loop + 0.1],
        [0.52, loop],
        [0.26, loop + 0.12],
        [0.18, r.between(0.7, 0.8)],
      ],
    ];
  },
  // Straight stem, small loop.
  (r) => {
    const loop = r.between(0.55, 0.66);
    return [
      [
        [r.between(0.3, 0.55), 0],
        [0.22, 0.4],
        [0.14, 0.74],
        [0.26, 0.98],
        [0.56, 0.97],
        [0.72, 0.8],
        [0.6, loop],
        [0.36, loop + 0.05],
        [0.18, r.between(0.76, 0.86)],
      ],
    ];
  },
  // A wide loop that curls in, the stem short.
  (r) => {
    const loop = r.between(0.36, 0.5);
    return [
      [
        [r.between(0.3, 0.6), 0],
        [0.14, 0.3],
        [0.02, 0.64],
        [0.16, 0.93],
        [0.52, 1],
        [0.9, 0.84],
        [0.92, loop + 0.14],
        [0.66, loop],
        [0.38, loop + 0.14],
        [r.between(0.24, 0.4), r.between(0.68, 0.84)],
      ],
    ];
  },
  // Hooked at the top.
  (r) => [
    [
      [r.between(0.78, 0.9), r.between(0.1, 0.2)],
      [0.62, 0],
      [0.32, 0.14],
      [0.16, 0.5],
      [0.2, 0.86],
      [0.48, 1],
      [0.78, 0.86],
      [0.76, 0.62],
      [0.5, r.between(0.46, 0.54)],
      [0.22, 0.66],
    ],
  ],
];

const seven: Style[] = [
  (r) => [
    [
      [r.between(0.04, 0.16), r.between(0, 0.1)],
      ...corner(r.between(0.82, 0.95), r.between(0, 0.08)),
      [0.56, 0.5],
      [r.between(0.25, 0.5), 1],
    ],
  ],
  // Crossed.
  (r) => {
    const bar = r.between(0.44, 0.58);
    return [
      [
        [r.between(0.04, 0.16), r.between(0, 0.1)],
        ...corner(0.88, r.between(0, 0.06)),
        [0.58, 0.5],
        [r.between(0.3, 0.5), 1],
      ],
      [
        [r.between(0.22, 0.36), bar + r.normal(0.03)],
        [r.between(0.74, 0.92), bar + r.normal(0.03)],
      ],
    ];
  },
  // A serif on the left.
  (r) => [
    [
      [r.between(0.06, 0.14), r.between(0.14, 0.26)],
      ...corner(0.1, 0.03),
      ...corner(0.88, r.between(0, 0.05)),
      [0.6, 0.45],
      [r.between(0.35, 0.55), 1],
    ],
  ],
  // Wavy bar, rounded shoulder.
  (r) => [
    [
      [r.between(0.04, 0.12), r.between(0.1, 0.24)],
      [0.26, 0.03],
      [0.56, 0.08],
      [0.84, 0.03],
      [0.86, 0.1],
      [0.62, 0.46],
      [r.between(0.38, 0.58), 1],
    ],
  ],
];

const eight: Style[] = [
  // One stroke, from the top right.
  (r) => {
    const waist = r.between(0.42, 0.52);
    return [
      [
        [r.between(0.68, 0.82), r.between(0.06, 0.18)],
        [0.5, 0],
        [0.25, 0.09],
        [0.26, waist - 0.14],
        [0.5, waist],
        [0.78, waist + 0.18],
        [0.76, 0.9],
        [0.48, 1],
        [0.2, 0.88],
        [0.22, waist + 0.18],
        [0.5, waist - 0.02],
        [0.74, waist - 0.2],
        [r.between(0.62, 0.8), r.between(0.02, 0.16)],
      ],
    ];
  },
  // A wide S that comes back up through itself, the lower loop small.
  (r) => {
    const waist = r.between(0.44, 0.6);
    const low = r.between(0.2, 0.4);
    return [
      [
        [r.between(0.8, 0.95), r.between(0.1, 0.24)],
        [0.6, 0],
        [0.2, 0.06],
        [0.12, waist * 0.5],
        [0.4, waist - 0.08],
        [low + 0.3, waist + 0.16],
        [low + 0.26, 0.92],
        [low, 1],
        [low - 0.2, 0.86],
        [low, waist + 0.12],
        [0.6, waist - 0.14],
        [r.between(0.84, 1), r.between(0.04, 0.26)],
      ],
    ];
  },
  // Two rings.
  (r) => {
    const waist = r.between(0.42, 0.54);
    const from = r.between(0, 360);
    return [
      arc(0.5, waist / 2, r.between(0.22, 0.34), waist / 2, from, from + 360 + r.normal(12)),
      arc(0.5, (1 + waist) / 2, r.between(0.27, 0.4), (1 - waist) / 2, -90, 270 + r.normal(12)),
    ];
  },
  // One stroke the other way round, open at the top.
  (r) => {
    const waist = r.between(0.4, 0.5);
    return [
      [
        [r.between(0.82, 0.95), r.between(0, 0.1)],
        [0.55, waist - 0.02],
        [0.2, waist + 0.22],
        [0.24, 0.94],
        [0.5, 1],
        [0.76, 0.86],
        [0.7, waist + 0.14],
        [0.4, waist - 0.08],
        [0.22, 0.16],
        [0.42, 0.01],
        [r.between(0.66, 0.84), r.between(0.02, 0.12)],
      ],
    ];
  },
];

const nine: Style[] = [
  // A small narrow head on a long stem.
  (r) => {
    const loop = r.between(0.3, 0.44);
    return [
      [
        [0.76, r.between(0.04, 0.16)],
        [0.56, 0],
        [0.34, 0.12],
        [0.3, loop - 0.06],
        [0.48, loop],
        [0.68, loop - 0.14],
        [0.78, r.between(0.02, 0.14)],
        [0.72, 0.5],
        [r.between(0.44, 0.72), 1],
      ],
    ];
  },
  // Loop, then a straight stem down.
  (r) => {
    const loop = r.between(0.42, 0.56);
    return [
      [
        [r.between(0.72, 0.86), r.between(0.08, 0.2)],
        [0.5, 0],
        [0.22, 0.1],
        [0.15, loop - 0.16],
        [0.38, loop],
        [0.68, loop - 0.12],
        ...corner(0.82, r.between(0.08, 0.18)),
        [0.78, 0.55],
        [r.between(0.6, 0.82), 1],
      ],
    ];
  },
  // Curved tail.
  (r) => {
    const loop = r.between(0.44, 0.56);
    return [
      [
        [0.78, r.between(0.1, 0.2)],
        [0.52, 0],
        [0.22, 0.12],
        [0.2, loop - 0.12],
        [0.46, loop],
        [0.74, loop - 0.16],
        [0.82, r.between(0.14, 0.24)],
        [0.82, 0.6],
        [0.66, 0.94],
        [0.38, 1],
        [r.between(0.1, 0.22), r.between(0.84, 0.94)],
      ],
    ];
  },
  // Ring and stem apart.
  (r) => {
    const loop = r.between(0.4, 0.54);
    const from = r.between(-60, 20);
    return [
      arc(0.46, loop / 2, r.between(0.26, 0.34), loop / 2, from, from - 350 + r.normal(12)),
      [
        [0.78, r.between(0, 0.2)],
        [0.76, 0.55],
        [r.between(0.52, 0.8), 1],
      ],
    ];
  },
];

/** Styles of each digit; styles of one digit are equally likely. */
export const glyphs: readonly Style[][] = [zero, one, two, three, four, five, six, seven, eight, nine];
