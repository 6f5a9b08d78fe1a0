import { complexPart } from './shared/complex.js';

export const imag = complexPart('IMAG', 1);
