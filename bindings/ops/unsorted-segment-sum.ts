import { ScatterOp } from '../../assembly/lib/opcodes.js';
import { unsortedSegment } from './shared/unsorted-segment.js';

export const unsortedSegmentSum = unsortedSegment('UNSORTED_SEGMENT_SUM', ScatterOp.ADD);
