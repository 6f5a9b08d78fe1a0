/** @type {import('lanelite').CustomOp} */
const HardMish = {
  infer({ inputs: [x] }) {
    if (x?.dtype !== 'float32') throw new Error(`HardMish takes float32, not ${x?.dtype}`);
    return [x.shape];
  },
  lower: ({ inputs: [x], outputs: [y] }) => ({
    kernel: 'f32_hard_mish',
    args: [x, y],
    units: x.shape.reduce((product, d) => product * d, 1),
  }),
  // For runtimes without the kernel.
  run({ inputs: [x], outputs: [y] }) {
    for (const [i, v] of x.data.entries()) y.data[i] = v * 0.5 * Math.min(2, Math.max(0, v + 2));
  },
};

export default { HardMish };
