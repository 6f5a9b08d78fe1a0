import { rnnOperator } from './shared/rnn.js';

export const unidirectionalSequenceRnn = rnnOperator('UNIDIRECTIONAL_SEQUENCE_RNN', 3);
