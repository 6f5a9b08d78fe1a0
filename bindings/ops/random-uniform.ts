import { uniform } from './shared/random.js';
import { randomFloats } from './shared/random-floats.js';

export const randomUniform = randomFloats('RANDOM_UNIFORM', (words) => Array.from(words, uniform));
