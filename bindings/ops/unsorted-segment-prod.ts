import { ScatterOp } from '../../assembly/lib/opcodes.js';
import { unsortedSegment } from './shared/unsorted-segment.js';

export const unsortedSegmentProd = unsortedSegment('UNSORTED_SEGMENT_PROD', ScatterOp.MULTIPLY);
