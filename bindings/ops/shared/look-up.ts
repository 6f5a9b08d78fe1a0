// Element-wise operators on 8-bit values are tables of 256 entries.

import type { UnaryOp } from '../../../assembly/lib/opcodes.js';
import { count, input, invalid, type OpNode, output, perTensor, unsupported, type Value } from '../../graph/ir.js';
import { integerRange } from '../../quantization.js';
import type { Operator, PlanBuilder } from '../operator.js';
import { type Affine, fillTable, type QuantizedFunction } from './tables.js';

/** y = table[x]; the table is shared by all nodes that `key` describes. */
export function lowerTable(plan: PlanBuilder, x: Value, y: Value, key: string, f: QuantizedFunction): void {
  const [lo, hi] = integerRange(x.dtype);
  const wide = hi - lo > 255;
  const bytes = wide ? 131072 : 256;
  const address = plan.packed(`lut:${key}`, bytes, (address) => {
    plan.bytes(address, bytes).set(new Uint8Array(fillTable(x.dtype, y.dtype, f).buffer));
  });
  const table = plan.bytes(address, 256);
  // Where int8 becomes uint8 of the same scale.
  const flips = !wide && table.every((v, i) => v === (i ^ table[0]!));
  if (flips) plan.call('x8_xor', [x, y, table[0]!], count(y));
  else plan.call(wide ? 'x16_lut' : 'x8_lut', [x, y, address], count(y));
}

/** What a table of a node depends on. */
export function tableKey(node: OpNode, x: Value, y: Value): string {
  const of = (v: Value) => `${v.dtype} ${v.quantization?.scale[0]} ${v.quantization?.zeroPoint[0]}`;
  return [node.op, of(x), of(y), JSON.stringify(node.options)].join();
}

/** An activation of float32 by `float`, of 8-bit values by a table. */
export function activation(name: string, float: UnaryOp, table: (x: Affine, y: Affine) => QuantizedFunction): Operator {
  return {
    name,
    infer(node) {
      const [x, y] = [input(node, 0), output(node)];
      if (y.dtype !== x.dtype) throw invalid(node, `output is ${y.dtype}, expected ${x.dtype} as the input`);
      if (x.dtype === 'int8' || x.dtype === 'uint8') for (const v of [x, y]) perTensor(node, v);
      else if (x.dtype !== 'float32') throw unsupported(node, `input of type ${x.dtype}`);
      return [x.shape];
    },
    inPlace: () => [0],
    lower(node, plan) {
      const [x, y] = [input(node, 0), output(node)];
      if (x.dtype === 'float32') return plan.call('f32_unary', [float, x, y, 0], count(y));
      lowerTable(plan, x, y, tableKey(node, x, y), table(perTensor(node, x), perTensor(node, y)));
    },
  };
}
