import { input } from '../graph/ir.js';
import { reshaping } from './shared/reshaping.js';
import { splice } from './shared/strided-copy.js';
import { axisInput } from './shared/striding.js';
import { typedAs } from './shared/typed.js';

export const expandDims = typedAs(
  0,
  reshaping('EXPAND_DIMS', (node, known) => {
    const { shape } = input(node, 0);
    return splice(shape, axisInput(node, known, 1, shape.length + 1), 0, 1);
  }),
);
