import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Node 20 has relaxed SIMD behind a flag; newer versions accept the flag and have it on.
    pool: 'forks',
    // By default one core stays free; CI has two.
    maxWorkers: '100%',
    execArgv: ['--experimental-wasm-relaxed-simd'],
    // Against tests that hang; how fast machines are differs by ten times.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['default', './test/support/summary-reporter.ts'],
  },
});
