import { Bounds, ScatterOp } from '../../assembly/lib/opcodes.js';
import { badShape, bytesOf, input, type OpNode, output, type Session, unsupported } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { indexInput } from './shared/indices.js';
import { checkMovable } from './shared/strided-copy.js';
import { checkCombinable, checkWindows, lowerWindows, pointShape, windowsOf } from './shared/windows.js';

const COMPUTATIONS: { readonly [op: string]: ScatterOp } = {
  STABLEHLO_ADD: ScatterOp.ADD,
  STABLEHLO_MULTIPLY: ScatterOp.MULTIPLY,
  STABLEHLO_MAXIMUM: ScatterOp.MAXIMUM,
  STABLEHLO_MINIMUM: ScatterOp.MINIMUM,
};

/**
 * Input 0 with the windows of input 2 in it at the indices of input 1, combined with what is there by the one operator of a
 * subgraph, or in its place if that has none. What lies outside is left out.
 */
export const stablehloScatter: Operator = {
  name: 'STABLEHLO_SCATTER',

  infer(node, known) {
    const { dims, sizes } = parts(node);
    const [x, indices, updates] = [input(node, 0), indexInput(node, 1), input(node, 2)];
    checkMovable(node, x, output(node));
    checkMovable(node, updates, output(node));
    if (computation(node, known.options.session) !== ScatterOp.WRITE) checkCombinable(node, x);
    checkWindows(node, dims, x, indices, sizes);
    const points = updates.shape.filter((_, d) => !dims.windowDims.includes(d));
    if (`${points}` !== `${pointShape(dims, indices)}`) {
      throw badShape(node, `updates [${updates.shape}] by indices [${indices.shape}]`);
    }
    return [x.shape];
  },

  inPlace: () => [0],

  lower(node, plan) {
    const { dims, sizes } = parts(node);
    const [x, indices, updates, y] = [input(node, 0), indexInput(node, 1), input(node, 2), output(node)];
    plan.copy(y, x, bytesOf(x));
    const windows = windowsOf(dims, y, indices, updates, updates.shape, sizes, Bounds.IGNORE);
    lowerWindows(plan, computation(node, plan.session), windows);
  },
};

function computation(node: OpNode, session: Session): ScatterOp {
  const { nodes } = session.subgraph(node.options.updateComputationSubgraphIndex).graph;
  const op = nodes.length === 0 ? ScatterOp.WRITE : COMPUTATIONS[nodes[0]!.op];
  if (nodes.length > 1 || op === undefined) {
    throw unsupported(node, `updates by ${nodes.map(({ op }) => op).join(', ')}`);
  }
  return op;
}

function parts(node: OpNode) {
  const {
    updateWindowDims: windowDims = [],
    insertedWindowDims: collapsed = [],
    scatterDimsToOperandDims: map = [],
    indexVectorDim: vectorDim = 0,
  } = node.options;
  const updates = input(node, 2).shape;
  const window = windowDims.map((d: number) => updates[d] ?? -1);
  const rank = input(node, 0).shape.length;
  const sizes = Array.from({ length: rank }, (_, d): number => (collapsed.includes(d) ? 1 : (window.shift() ?? -1)));
  return { dims: { windowDims, collapsed, map, vectorDim }, sizes };
}
