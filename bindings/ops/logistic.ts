import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { activation } from './shared/look-up.js';
import { realFunction } from './shared/tables.js';

const { exp, fround } = Math;

/** 1 / (1 + e^-x), each step in float32. */
const step = (x: number) => fround(1 / fround(1 + fround(exp(-x))));

export const logistic = activation('LOGISTIC', UnaryOp.LOGISTIC, (x, y) => realFunction(x, y, step));
