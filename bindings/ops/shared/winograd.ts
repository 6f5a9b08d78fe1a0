// Float convolutions 3x3 with stride 1 by Winograd's F(m x m, 3x3): fewer multiplications, more weights.
import type { Geometry } from '../conv-2d.js';
import type { PlanBuilder } from '../operator.js';
import { panelUnits } from './gemm.js';
import type { WindowAxis } from './window.js';

/** Bytes of transformed inputs at a time, in the second-level cache. */
const BLOCK = 1 << 19;
/** Most bytes of one layer's weights, which stay for good. */
const MOST_WEIGHTS = 20 << 20;

/** Sizes for tiles of m x m outputs; costs, measured, in multiply-adds and bytes of weights, which take as long. */
function tiling(m: 2 | 4, { h, v, batch, c, oc }: Geometry) {
  const points = (m + 2) ** 2;
  const tilesOf = ({ output, dilation }: WindowAxis) => Math.ceil(output / (m * dilation)) * dilation;
  const tiles = batch * tilesOf(h) * tilesOf(v);
  const columns = Math.ceil(oc / 8) * 8;
  const weightBytes = points * (c + 1) * columns * 4;
  // Where tiles are few, weights four times as large are not worth their memory.
  const room = m === 4 ? Math.max(1 << 17, 1024 * tiles ** 2) : MOST_WEIGHTS;
  const fits = weightBytes <= Math.min(room, MOST_WEIGHTS);
  const cost = fits ? tiles * points * (c * columns + 8 * (c + columns)) + weightBytes : Infinity;
  return { m, points, tiles, weightBytes, cost };
}

/** Appends the call, if it is the faster way. */
export function lowerWinograd(plan: PlanBuilder, g: Geometry, clamp: readonly [number, number]): boolean {
  const { x, y, weights, h, v, batch, c, oc } = g;
  const filter = weights.w.constant;
  if (!filter || weights.groups !== 1 || [h, v].some((axis) => axis.kernel !== 3 || axis.stride !== 1)) return false;
  const [small, large] = [tiling(2, g), tiling(4, g)];
  const { m, points, tiles, weightBytes, cost } = large.cost < small.cost ? large : small;
  // A plain product with gathered rows, in the same measure.
  const plain = 10 * batch * h.output * v.output * c * Math.ceil(oc / 8) * 8 + 36 * c * oc;
  if (plain < 1.1 * cost) return false;

  const pixelBytes = Math.ceil(c / 4) * 16;
  const tileBytes = points * ((pixelBytes >> 2) | 16) * 4;
  const block = Math.min(tiles, 60, Math.max(6, Math.floor(BLOCK / 6 / tileBytes) * 6));
  const scratch = plan.scratch(block * (tileBytes + points * 64) + 576 + points * pixelBytes);
  const packed = plan.packed(`f32_conv2d_winograd:${m}:${filter.id}`, weightBytes, (to) => {
    plan.kernels.f32_conv2d_winograd_pack(m, c, oc, filter.address, to, 0, panelUnits(oc));
  });
  const sizes = [block, batch, h.input, v.input, c, h.output, v.output, oc] as const;
  const window = [h.dilation, v.dilation, h.padBefore, v.padBefore] as const;
  const args = [m, x, packed, weights.bias ?? 0, y, scratch, ...sizes, ...window, ...clamp] as const;
  plan.call('f32_conv2d_winograd', [...args], Math.ceil(tiles / block) * panelUnits(oc));
  return true;
}
