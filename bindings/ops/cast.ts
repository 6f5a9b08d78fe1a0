import { CastType } from '../../assembly/lib/opcodes.js';
import { DTYPES, type DType } from '../dtype.js';
import { bytesOf, count, input, type OpNode, output, unsupported } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { convert, converted } from './shared/convert.js';
import { PACKED, packBits, unpackedBits } from './shared/packed-bits.js';

const TYPES = [
  CastType.FLOAT32,
  CastType.FLOAT16,
  CastType.INT32,
  CastType.UINT8,
  CastType.INT64,
  CastType.BOOL,
  CastType.INT16,
  CastType.COMPLEX64,
  CastType.INT8,
  CastType.FLOAT64,
  CastType.UINT32,
  CastType.UINT16,
  CastType.BFLOAT16,
];

function castType(node: OpNode, dtype: DType): CastType {
  const type = DTYPES.indexOf(dtype) as CastType;
  if (!TYPES.includes(type)) throw unsupported(node, `type ${dtype}`);
  return type;
}

export const cast: Operator = {
  name: 'CAST',
  infer(node) {
    const types = [input(node, 0).dtype, output(node).dtype];
    if (!(types.includes('float32') && types.some((dtype) => PACKED.includes(dtype)))) {
      for (const dtype of types) castType(node, dtype);
    }
    return [input(node, 0).shape];
  },
  aliases(node) {
    const x = input(node, 0);
    const y = output(node);
    return x.dtype === y.dtype ? [{ inner: y, outer: x, offset: 0 }] : [];
  },
  lower(node, plan) {
    const x = input(node, 0);
    const y = output(node);
    if (x.dtype === y.dtype) return plan.copy(y, x, bytesOf(x));
    if (PACKED.includes(x.dtype)) return convert(plan, unpackedBits(plan, x), 'int8', y, 'float32', count(x));
    if (PACKED.includes(y.dtype)) return packBits(plan, converted(plan, x, 'int8'), y);
    if (x.dtype === 'float16' && y.dtype === 'float32') return plan.call('f16_f32_convert', [x, y], count(x));
    if (x.dtype === 'uint8' && y.dtype === 'float32')
      return plan.call('qs8_f32_dequantize', [x, y, -128, 1, 128], count(x));
    if (x.dtype === 'int8' && y.dtype === 'float32') return plan.call('qs8_f32_dequantize', [x, y, 0, 1, 0], count(x));
    const [from, to] = [castType(node, x.dtype), castType(node, y.dtype)];
    plan.call('x_cast', [from, to, x, y, plan.scratch(512)], count(x));
  },
};
