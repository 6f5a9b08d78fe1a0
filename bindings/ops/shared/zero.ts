import { type DType, elementSize } from '../../dtype.js';

/** One element of zeros. */
export const zero = (dtype: DType): Uint8Array => new Uint8Array(elementSize(dtype));
