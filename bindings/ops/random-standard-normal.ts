import { uniform } from './shared/random.js';
import { randomFloats } from './shared/random-floats.js';

const { fround } = Math;

/** Box and Muller's two normal variables of two uniform ones. */
function pair(first: number, second: number): number[] {
  const radius = fround(Math.sqrt(fround(-2 * fround(Math.log(fround(Math.max(uniform(first), 1e-7)))))));
  const angle = fround(2 * Math.PI * uniform(second));
  return [fround(Math.sin(angle)) * radius, fround(Math.cos(angle)) * radius];
}

export const randomStandardNormal = randomFloats('RANDOM_STANDARD_NORMAL', ([a, b, c, d]) => [
  ...pair(a!, b!),
  ...pair(c!, d!),
]);
