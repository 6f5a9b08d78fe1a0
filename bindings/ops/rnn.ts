import { rnnOperator } from './shared/rnn.js';

export const rnn = rnnOperator('RNN', 2);
