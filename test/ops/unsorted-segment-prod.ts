import { unsortedSegment } from '../support/unsorted-segment.js';

export default unsortedSegment('UNSORTED_SEGMENT_PROD', 'multiply', 1, 1);
