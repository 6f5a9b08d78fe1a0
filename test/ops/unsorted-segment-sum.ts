import { unsortedSegment } from '../support/unsorted-segment.js';

export default unsortedSegment('UNSORTED_SEGMENT_SUM', 'add', 0, 0);
