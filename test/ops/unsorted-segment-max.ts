import { unsortedSegment } from '../support/unsorted-segment.js';

const LARGEST = 3.4028234663852886e38;

export default unsortedSegment('UNSORTED_SEGMENT_MAX', 'maximum', -LARGEST, -(2 ** 31));
