import { badShape, count, input, invalid, type Known, type OpNode, output, type Value } from '../graph/ir.js';
import { vector } from './shared/strided-copy.js';
import { striding } from './shared/striding.js';

/** A dimension of the output before shrinking: `source` is the input's dimension, or -1 for a new axis. */
interface Range {
  readonly source: number;
  readonly start: number;
  readonly stride: number;
  readonly size: number;
  readonly shrink: boolean;
}

/**
 * Python's slicing, as the masks of TFLite's options encode it, bit i for entry i of begin, end and stride:
 * `x[begin:end:stride]`, an ellipsis, a new axis, or a single index (shrink). Dimensions without an entry are taken whole.
 */
export const stridedSlice = striding('STRIDED_SLICE', (node, known, x, s) => {
  const axes = chosenRanges(node, known, x);
  const step = ({ source }: Range) => (source < 0 ? 0 : s[source]!);
  return {
    shape: kept(axes),
    axes: axes.map((a) => [a.size, a.stride * step(a)]),
    fromOffset: axes.reduce((at, a) => at + a.start * step(a), 0),
  };
});

const kept = (axes: Range[]) => axes.filter((a) => !a.shrink).map((a) => a.size);

/**
 * With `offset`, ends count from where their ranges begin. Runtimes from before that option (version 8) ignore it; so do we
 * if only then the static shape that the file declares for the output is right.
 */
function chosenRanges(node: OpNode, known: Known, x: Value): Range[] {
  const { shape, shapeSignature } = output(node);
  const isStatic = node.inputs.slice(1).every((value) => value?.constant) && !shapeSignature?.includes(-1);
  if (node.options.offset && isStatic) {
    const literal = ranges(node, known, x, false);
    if (`${kept(literal)}` === `${shape}`) return literal;
  }
  return ranges(node, known, x, node.options.offset);
}

function ranges(node: OpNode, known: Known, x: Value, offset: boolean): Range[] {
  const entries = count(input(node, 1));
  const [begin, end, strides] = [1, 2, 3].map((i) => vector(node, known, i, entries));
  const { beginMask = 0, endMask = 0, ellipsisMask = 0, newAxisMask = 0, shrinkAxisMask = 0 } = node.options;
  const has = (mask: number, i: number) => ((mask >> i) & 1) === 1;
  const axes: Range[] = [];
  let source = 0;
  const takeWhole = (dimensions: number) => {
    for (let i = 0; i < dimensions; i++, source++) {
      if (source < x.shape.length) axes.push({ source, start: 0, stride: 1, size: x.shape[source]!, shrink: false });
    }
  };
  let [ellipsis, dropped] = [false, false];
  let indexed = 0;
  for (let i = 0; i < entries; i++) if (!has(ellipsisMask | newAxisMask, i)) indexed++;
  for (let i = 0; i < entries; i++) {
    if (has(ellipsisMask, i)) {
      // Where nothing is left for it, TFLite gives it a dimension all the same, and has none for the last entry.
      takeWhole(Math.max(1, x.shape.length - indexed));
      ellipsis = true;
      continue;
    }
    if (has(newAxisMask, i)) {
      if (dropped) throw badShape(node, `${indexed} indices and an ellipsis for an input of rank ${x.shape.length}`);
      axes.push({ source: -1, start: 0, stride: 1, size: 1, shrink: false });
      continue;
    }
    const n = x.shape[source];
    if (n === undefined && ellipsis) {
      dropped = true;
      continue;
    }
    if (n === undefined) throw badShape(node, `${indexed} indices for an input of rank ${x.shape.length}`);
    const stride = strides![i]!;
    if (stride === 0) throw invalid(node, 'a stride is 0');
    // Positions between which a walk by `stride` may start and stop.
    const [lo, hi] = stride > 0 ? [0, n] : [-1, n - 1];
    const clamp = (p: number) => Math.min(hi, Math.max(lo, p < 0 ? p + n : p));
    const start = has(beginMask, i) ? (stride > 0 ? lo : hi) : clamp(begin![i]!);
    if (has(shrinkAxisMask, i)) {
      if (start < 0 || start >= n)
        throw badShape(node, `index ${begin![i]} is outside dimension ${source} of [${x.shape}]`);
      axes.push({ source, start, stride: 1, size: 1, shrink: true });
    } else {
      const stop = has(endMask, i) ? (stride > 0 ? hi : lo) : clamp(offset ? start + end![i]! : end![i]!);
      axes.push({ source, start, stride, size: Math.max(0, Math.ceil((stop - start) / stride)), shrink: false });
    }
    source++;
  }
  takeWhole(x.shape.length - source);
  return axes;
}
