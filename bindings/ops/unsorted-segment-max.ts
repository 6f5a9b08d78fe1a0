import { ScatterOp } from '../../assembly/lib/opcodes.js';
import { unsortedSegment } from './shared/unsorted-segment.js';

export const unsortedSegmentMax = unsortedSegment('UNSORTED_SEGMENT_MAX', ScatterOp.MAXIMUM);
