import { complexPart } from '../support/complex.js';

export default complexPart('REAL', (re) => re);
