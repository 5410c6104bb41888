import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Most of them wait for processes and timers, not for the processor.
    maxWorkers: 4,
    coverage: {
      provider: 'v8',
      include: ['src/vending/**', 'src/azure/**'],
      reporter: ['text-summary'],
      thresholds: { statements: 94, branches: 89, functions: 95, lines: 95 },
    },
  },
});
