import { ScatterOp } from '../../assembly/lib/opcodes.js';
import { unsortedSegment } from './shared/unsorted-segment.js';

export const unsortedSegmentMin = unsortedSegment('UNSORTED_SEGMENT_MIN', ScatterOp.MINIMUM);
