import { elementCount, elementSize } from '../dtype.js';
import {
  badShape,
  checkShape,
  count,
  input,
  type OpNode,
  output,
  perTensor,
  unsupported,
  type Value,
} from '../graph/ir.js';
import { integerRange, quantizeMultiplier } from '../quantization.js';
import type { Arg, Operator, PlanBuilder, Shape } from './operator.js';
import { channelScales } from './shared/convolution.js';
import { dynamicQuantize, floatEpilogue } from './shared/dynamic.js';
import { withHalves } from './shared/float-halves.js';
import { bytesEpilogue, bytesProduct, floatProduct, past, type Space, sumsEpilogue } from './shared/gemm.js';

const FORMS = new Set([
  'float32,float32,float32',
  'float32,int8,float32',
  'int8,int8,int8',
  'int8,int8,int32',
  'int16,int16,int16',
  'int16,int8,int16',
]);

interface Run {
  /** Rows of x (as [batch * m, k]) and of the output that meet one matrix, and which one. */
  readonly x: number;
  readonly y: number;
  readonly rows: number;
  readonly w: number;
}

interface Geometry {
  readonly x: Value;
  readonly w: Value;
  readonly y: Value;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly adjX: boolean;
  readonly adjY: boolean;
  readonly batch: readonly number[];
}

function geometry(node: OpNode): Geometry {
  const [x, w, y] = [input(node, 0), input(node, 1), output(node)];
  const { adjX = false, adjY = false } = node.options;
  const [a, b] = [x.shape, w.shape];
  checkShape(node, a.length >= 2 && b.length >= 2, () => `expected two matrices, found [${a}] and [${b}]`);
  const [m, k] = adjX ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const [n, depth] = adjY ? [b.at(-2)!, b.at(-1)!] : [b.at(-1)!, b.at(-2)!];
  const rank = Math.max(a.length, b.length) - 2;
  const batch = Array.from({ length: rank }, (_, i) => {
    const [p, q] = [a[i + a.length - rank - 2] ?? 1, b[i + b.length - rank - 2] ?? 1];
    if (p !== q && p !== 1 && q !== 1) throw badShape(node, `batches of [${a}] and [${b}] do not fit`);
    return p === 1 ? q : p;
  });
  checkShape(node, k === depth, () => `depths of [${a}] and [${b}] differ: ${k} and ${depth}`);
  return { x, w, y, m, n, k, adjX, adjY, batch };
}

/** Which matrix of `shape` the batch at `at` uses. */
function matrixAt(shape: Shape, batch: readonly number[], at: number): number {
  let index = 0;
  let step = 1;
  for (let i = batch.length - 1, d = shape.length - 3; d >= 0; i--, d--) {
    if (shape[d] !== 1) index += (at % batch[i]!) * step;
    step *= shape[d]!;
    at = Math.floor(at / batch[i]!);
  }
  return index;
}

/** The products to do; rows that follow each other and meet the same matrix are one, unless `apart`. */
function runs({ x, w, m, batch }: Geometry, apart = false): Run[] {
  const list: Run[] = [];
  for (let at = 0; at < elementCount(batch); at++) {
    const next = { x: matrixAt(x.shape, batch, at) * m, y: at * m, rows: m, w: matrixAt(w.shape, batch, at) };
    const last = list.at(-1);
    if (!apart && last && last.w === next.w && last.x + last.rows === next.x)
      list.push({ ...list.pop()!, rows: last.rows + m });
    else list.push(next);
  }
  return list;
}

const matricesOf = ({ shape }: Value) => elementCount(shape.slice(0, -2));

/** `x` as rows [batch * m, k]: transposed at run time if need be. */
function rowsOf(plan: PlanBuilder, { x, m, k, adjX }: Geometry): Arg {
  if (!adjX) return x;
  const size = elementSize(x.dtype);
  const matrices = matricesOf(x);
  const rows = plan.temporary(count(x) * size + 16);
  const axes = [matrices, m * k * size, m * k * size, m, size, k * size, k, m * size, size];
  const [kernel, tile] = size === 4 ? (['x32_transpose', 4] as const) : (['x8_transpose', 8] as const);
  plan.call(kernel, [x, rows, plan.constant(Int32Array.from(axes)), 3], matrices * Math.ceil(m / tile));
  return rows;
}

function lowerHalves(node: OpNode, plan: PlanBuilder, g: Geometry): void {
  const { x, w, y, m, n, k, adjX, adjY } = g;
  const { multiplier, shift } = quantizeMultiplier(multiplierOf(node, g));
  const reduced = multiplier < 0x7fff0000 ? (multiplier + 0x8000) >> 16 : 0x7fff;
  const shift16 = 15 - shift;
  const size = elementSize(w.dtype);
  // Where x is transposed, the rows of its matrices do not follow each other.
  for (const { x: row, y: to, rows, w: matrix } of runs(g, adjX)) {
    const a = [past(x, row * k * 2), adjX ? 1 : k, adjX ? m : 1] as const;
    const b = [past(w, matrix * n * k * size), size, adjY ? k : 1, adjY ? 1 : n] as const;
    plan.call('qs16_gemm', [n, k, ...a, ...b, past(y, to * n * 2), reduced, shift16], rows);
  }
}

/**
 * As TFLite: the product of the scales is rounded to float32. Scales per channel it does not see here: it takes 0 for the
 * one scale of such weights, and so every output is its zero point.
 */
function multiplierOf(node: OpNode, { x, w, y }: Geometry): number {
  if (w.quantization && w.quantization.scale.length > 1) return 0;
  return Math.fround(perTensor(node, x).scale * perTensor(node, w).scale) / perTensor(node, y).scale;
}

export const batchMatmul: Operator = withHalves({
  name: 'BATCH_MATMUL',

  infer(node): Shape[] {
    const g = geometry(node);
    const form = [g.x.dtype, g.w.dtype, g.y.dtype].join();
    if (!FORMS.has(form)) throw unsupported(node, `dtypes ${form}`);
    if (g.x.dtype !== 'float32') {
      if (g.y.dtype !== 'int32') multiplierOf(node, g);
    } else if (g.w.dtype === 'int8') channelScales(node, g.w, g.n);
    return [[...g.batch, g.m, g.n]];
  },

  lower(node, plan) {
    const g = geometry(node);
    const { x, w, y, n, k, adjY } = g;
    if (count(y) === 0) return;
    if (x.dtype === 'int16') {
      lowerHalves(node, plan, g);
      return;
    }
    const rows = rowsOf(plan, g);
    const space: Space = {};
    const weights = (run: Run) => ({ w, bias: null, n, k, transposed: !adjY, offset: run.w * n * k, space });
    const unlimited = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
    if (w.dtype === 'float32') {
      for (const run of runs(g)) {
        floatProduct(plan, run.rows, past(rows, run.x * k * 4), weights(run), past(y, run.y * n * 4), unlimited);
      }
      return;
    }
    const hybrid = x.dtype === 'float32';
    if (y.dtype === 'int32') {
      const plain = { x: rows, flip: 0, zeroPoint: 0, dynamic: 0 };
      for (const run of runs(g)) {
        const slice = { ...plain, x: past(rows, run.x * k) };
        const bytes = { flip: 0, zeroPoint: 0 };
        bytesProduct(plan, run.rows, slice, weights(run), bytes, past(y, run.y * n * 4), sumsEpilogue);
      }
      return;
    }
    const from = hybrid
      ? dynamicQuantize(plan, rows, matricesOf(x) * g.m, k, !!node.options.asymmetricQuantizeInputs, true)
      : { x: rows, flip: 0, zeroPoint: perTensor(node, x).zeroPoint, dynamic: 0 };
    const epilogue = hybrid
      ? floatEpilogue(plan, channelScales(node, w, n), null, unlimited)
      : bytesEpilogue(
          plan,
          { bias: null, k },
          new Float64Array(n).fill(multiplierOf(node, g)),
          'twice',
          y.dtype,
          perTensor(node, y).zeroPoint,
          integerRange(y.dtype),
        );
    const bytes = { flip: 0, zeroPoint: hybrid ? 0 : (w.quantization?.zeroPoint[0] ?? 0) };
    for (const run of runs(g)) {
      const slice = { ...from, x: past(from.x, run.x * k), dynamic: past(from.dynamic, run.x * 8) };
      bytesProduct(plan, run.rows, slice, weights(run), bytes, past(y, run.y * n * elementSize(y.dtype)), epilogue);
    }
  },

  macs(node) {
    const { batch, m, n, k } = geometry(node);
    return elementCount(batch) * m * n * k;
  },
});
