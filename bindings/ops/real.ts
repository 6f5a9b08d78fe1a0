import { complexPart } from './shared/complex.js';

export const real = complexPart('REAL', 0);
