// What is loaded for models that need more than the standard operators. A bundle of its own.

import { Pins } from '../graph/pins.js';
import { rareForms } from '../model/rare.js';
import { LAYOUT, OPERATORS } from '../model/schema/generated/full-layout.js';
import { Variables } from '../runtime/variables.js';
import { SegmentedWalk } from '../runtime/walk.js';
import * as extended from './extended.js';
import type { Registry } from './registry.js';
import * as standard from './standard.js';

/** Every operator that Lanelite knows. */
export const fullRegistry: Registry = {
  // Wider forms of standard operators have the same names.
  operators: Object.values({ ...standard, ...extended }),
  layout: LAYOUT,
  codes: OPERATORS,
  rare: rareForms,
  extra: async () => (await import('./extra.js')).extra,
  compiler: {
    walk: (start, resources, options) => new SegmentedWalk(start, resources, options),
    variables: (graph, engine) => new Variables(graph, engine),
    pins: (graph, addresses) => new Pins(graph, addresses),
  },
};
