import { defineConfig } from 'vitest/config';

/** Tests of plain code: they share a worker, which saves them most of their start-up. */
const PLAIN = ['test/vending/**/*.test.ts', 'test/model/*.test.ts', 'test/functions/**/*.test.ts'];

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Most of them wait for processes and timers, not for the processor.
    maxWorkers: 4,
    projects: [
      { extends: true, test: { name: 'plain', include: PLAIN, isolate: false } },
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: PLAIN } },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/vending/**/*.ts', 'src/azure/**/*.ts'],
      reporter: ['text-summary'],
      thresholds: { statements: 96, branches: 91, functions: 97, lines: 97 },
    },
  },
});
