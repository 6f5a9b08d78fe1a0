// TensorFlow's operators that TFLite has, too: the same lowerings, with options from attributes.
import type { OpNode } from '../../graph/ir.js';
import type { OperatorOptions } from '../../model/model.js';
import { commonRegistry } from '../common-registry.js';
import * as extended from '../extended.js';
import type { Operator } from '../operator.js';
import { type Attributes, attributesOf } from './flex.js';

const NONE = { fusedActivationFunction: 'NONE' };
type OptionsOf = (attributes: Attributes) => OperatorOptions;

const cumsum: OptionsOf = (a) => ({ exclusive: a.boolean('exclusive'), reverse: a.boolean('reverse') });
const stridedSlice: OptionsOf = (a) => ({
  beginMask: a.integer('begin_mask'),
  endMask: a.integer('end_mask'),
  ellipsisMask: a.integer('ellipsis_mask'),
  newAxisMask: a.integer('new_axis_mask'),
  shrinkAxisMask: a.integer('shrink_axis_mask'),
});

const SAME: Readonly<Record<string, readonly [builtin: string, options?: OptionsOf]>> = {
  Abs: ['ABS'],
  Add: ['ADD', () => NONE],
  AddV2: ['ADD', () => NONE],
  Ceil: ['CEIL'],
  Cos: ['COS'],
  Cumsum: ['CUMSUM', cumsum],
  Elu: ['ELU'],
  Equal: ['EQUAL'],
  Exp: ['EXP'],
  Floor: ['FLOOR'],
  FloorDiv: ['FLOOR_DIV'],
  FloorMod: ['FLOOR_MOD'],
  Greater: ['GREATER'],
  GreaterEqual: ['GREATER_EQUAL'],
  Less: ['LESS'],
  LessEqual: ['LESS_EQUAL'],
  Log: ['LOG'],
  LogicalAnd: ['LOGICAL_AND'],
  LogicalNot: ['LOGICAL_NOT'],
  LogicalOr: ['LOGICAL_OR'],
  Maximum: ['MAXIMUM'],
  Minimum: ['MINIMUM'],
  Mul: ['MUL', () => NONE],
  Neg: ['NEG'],
  NotEqual: ['NOT_EQUAL'],
  RealDiv: ['DIV', () => NONE],
  Relu: ['RELU'],
  Relu6: ['RELU6'],
  Rsqrt: ['RSQRT'],
  Sigmoid: ['LOGISTIC'],
  Sin: ['SIN'],
  Sqrt: ['SQRT'],
  Square: ['SQUARE'],
  SquaredDifference: ['SQUARED_DIFFERENCE'],
  StridedSlice: ['STRIDED_SLICE', stridedSlice],
  Sub: ['SUB', () => NONE],
  Tanh: ['TANH'],
};

/** An operator that does as another one does for nodes that are rewritten for it. */
function like(name: string, operator: Operator, rewrite: (node: OpNode) => Partial<OpNode>): Operator {
  const as = (node: OpNode): OpNode => ({ ...node, ...rewrite(node) });
  return {
    name,
    infer: (node, known) => operator.infer(as(node), known),
    lower: (node, plan) => operator.lower(as(node), plan),
  };
}

const builtins = new Map(
  [...commonRegistry.operators, ...Object.values(extended)].map((operator) => [operator.name, operator]),
);

export const flexBuiltins: readonly Operator[] = [
  ...Object.entries(SAME).map(([name, [builtin, options]]) =>
    like(`Flex${name}`, builtins.get(builtin)!, (node) => (options ? { options: options(attributesOf(node)) } : {})),
  ),
  // TensorFlow's example of an operator of one's own.
  like('FlexDouble', builtins.get('ADD')!, ({ inputs: [x] }) => ({ inputs: [x!, x!], options: NONE })),
];
