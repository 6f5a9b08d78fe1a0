// Float convolutions 3x3 with stride 1 by Winograd's F(4x4, 3x3): a quarter of the multiplications, four times the weights.
import type { Geometry } from '../conv-2d.js';
import type { PlanBuilder } from '../operator.js';
import { panelUnits } from './gemm.js';
import type { WindowAxis } from './window.js';

const POINTS = 36;
/** Most bytes of one layer's weights: what few tiles read so often comes from memory, and it stays for good. */
const MOST_WEIGHTS = 10 << 20;
/** Fewer tiles don't repay the memory of their weights. */
const LEAST_TILES = 16;
/** Bytes of transformed inputs at a time, in the second-level cache. */
const BLOCK = 1 << 19;
/** What the transforms cost a channel of a tile, in multiply-adds. */
const TRANSFORM = 200;

const tilesOf = ({ output, dilation }: WindowAxis) => Math.ceil(output / (4 * dilation)) * dilation;

/** Appends the call, if it is the faster way; measured costs, in multiply-adds and bytes, which take as long. */
export function lowerWinograd(plan: PlanBuilder, g: Geometry, clamp: readonly [number, number]): boolean {
  const { x, y, weights, h, w, batch, c, oc } = g;
  const filter = weights.w.constant;
  if (!filter || weights.groups !== 1 || [h, w].some((axis) => axis.kernel !== 3 || axis.stride !== 1)) return false;
  const tiles = batch * tilesOf(h) * tilesOf(w);
  const columns = Math.ceil(oc / 8) * 8;
  const bytes = POINTS * (c + 1) * columns * 4;
  const pixelBytes = Math.ceil(c / 4) * 16;
  const cost = tiles * (POINTS * c * columns + TRANSFORM * (c + columns)) + bytes;
  const direct = batch * h.output * w.output * 10 * c * columns + bytes / 4;
  if (tiles < LEAST_TILES || bytes > MOST_WEIGHTS || direct < 1.1 * cost) return false;

  const tileBytes = POINTS * ((pixelBytes >> 2) | 16) * 4;
  const block = Math.min(tiles, 64, Math.max(4, Math.floor(BLOCK / tileBytes) & ~1));
  const packed = plan.packed(`f32_winograd:${filter.id}`, bytes, (to) => {
    plan.kernels.f32_conv2d_winograd_pack(c, oc, filter.address, to, 0, panelUnits(oc));
  });
  const scratch = plan.scratch(block * (tileBytes + POINTS * 64) + POINTS * (16 + pixelBytes));
  const sizes = [block, batch, h.input, w.input, c, h.output, w.output, oc] as const;
  const window = [h.dilation, w.dilation, h.padBefore, w.padBefore] as const;
  const args = [x, packed, weights.bias ?? 0, y, scratch, ...sizes, ...window, ...clamp] as const;
  plan.call('f32_conv2d_winograd', [...args], Math.ceil(tiles / block) * panelUnits(oc));
  return true;
}
