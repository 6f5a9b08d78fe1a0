import { binarySpec } from '../support/elementwise.js';

export default binarySpec({
  op: 'RIGHT_SHIFT',
  dtypes: ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'],
  integer(a, b, bits) {
    const most = BigInt(bits - 1);
    return a >> (b < 0n ? 0n : b > most ? most : b);
  },
  cases: [
    {
      name: 'unsigned counts beyond the signed range',
      inputs: [
        { dtype: 'uint32', shape: [4], data: Uint32Array.of(0xffffffff, 0x80000000, 7, 1) },
        { dtype: 'uint32', shape: [4], data: Uint32Array.of(31, 0xffffffff, 0x80000000, 0) },
      ],
      outputs: [{ dtype: 'uint32', shape: [] }],
    },
  ],
});
