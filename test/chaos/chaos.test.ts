import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { runChaos } from './chaos.ts';
import { textOf } from './report.ts';

/** Asked for by name: what it can promise depends on how much machine there is. */
const { CHAOS_SECONDS } = process.env;
const seconds = Number(CHAOS_SECONDS ?? 45);
const RECOVERY_SECONDS = 600;

it.runIf(CHAOS_SECONDS !== undefined)(
  'whatever breaks, no key is lost, doubled or leaked, and every request gets one answer',
  async () => {
    const seed = randomUUID().slice(0, 8);
    console.log(`chaos: seed ${seed}, ${seconds} s`);
    const report = await runChaos({ seed, seconds });
    console.log(textOf(report));
    expect(report.discrepancies).toEqual([]);
    expect(report.kills).toBeGreaterThan(0);
    expect(report.resolved.orphans + report.resolved.none).toBeGreaterThan(0);
    expect(report.faults.size).toBeGreaterThan(0);
  },
  (seconds + RECOVERY_SECONDS) * 1000,
);
