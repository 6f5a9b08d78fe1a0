import { Bounds, ScatterOp } from '../../assembly/lib/opcodes.js';
import { input, type OpNode, output } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { indexInput } from './shared/indices.js';
import { checkMovable } from './shared/strided-copy.js';
import { checkWindows, lowerWindows, pointShape, type WindowDimensions, windowsOf } from './shared/windows.js';

/** Windows of input 0 at the indices of input 1; those that would reach beyond it are moved inside. */
export const stablehloGather: Operator = {
  name: 'STABLEHLO_GATHER',

  infer(node) {
    const { dims, sizes } = parts(node);
    const [x, indices] = [input(node, 0), indexInput(node, 1)];
    checkMovable(node, x, output(node));
    checkWindows(node, dims, x, indices, sizes);
    return [shapeOf(node)];
  },

  lower(node, plan) {
    const { dims, sizes } = parts(node);
    const [x, indices] = [input(node, 0), indexInput(node, 1)];
    const windows = windowsOf(dims, x, indices, output(node), shapeOf(node), sizes, Bounds.CLAMP);
    lowerWindows(plan, ScatterOp.READ, windows);
  },
};

function parts({ options }: OpNode): { dims: WindowDimensions; sizes: readonly number[] } {
  const { offsetDims = [], collapsedSliceDims = [], startIndexMap = [], indexVectorDim = 0, sliceSizes = [] } = options;
  return {
    dims: { windowDims: offsetDims, collapsed: collapsedSliceDims, map: startIndexMap, vectorDim: indexVectorDim },
    sizes: sliceSizes,
  };
}

function shapeOf(node: OpNode): number[] {
  const { dims, sizes } = parts(node);
  const points = [...pointShape(dims, input(node, 1))];
  const window = sizes.filter((_, d) => !dims.collapsed.includes(d));
  return Array.from({ length: points.length + window.length }, (_, d) =>
    dims.windowDims.includes(d) ? window[dims.windowDims.indexOf(d)]! : points.shift()!,
  );
}
