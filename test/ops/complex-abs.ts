import { complexPart } from '../support/complex.js';

export default complexPart('COMPLEX_ABS', Math.hypot);
