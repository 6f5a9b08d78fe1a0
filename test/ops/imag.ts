import { complexPart } from '../support/complex.js';

export default complexPart('IMAG', (_, im) => im);
