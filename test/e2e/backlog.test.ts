import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXAMPLE, Rig, until } from './harness.ts';

/**
 * `BACKLOG=1000` takes a minute and a half at ARM's own limit. Fewer messages take as long at a limit that is lower in
 * proportion, which a busy machine keeps up with. By default a few messages show that all are served.
 */
const { BACKLOG: asked } = process.env;
const BACKLOG = Number(asked ?? 40);
const WRITES =
  asked === undefined ? { capacity: 8, refillPerSecond: 2 } : { capacity: BACKLOG / 5, refillPerSecond: BACKLOG / 100 };
const IDEAL_MS = ((BACKLOG - WRITES.capacity) / WRITES.refillPerSecond) * 1_000;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ QUEUE_RETRY_LIMIT: '1' }, { armLimits: { rateLimits: { writes: WRITES } } });
});
afterAll(() => rig.close());

it(
  `${BACKLOG} messages at once all get their key, although one failure would be final`,
  async () => {
    const begin = Date.now();
    for (let n = 0; n < BACKLOG; n++) rig.send(`backlog-${n}`, { ...EXAMPLE, name: `backlog-${n}` });
    await until(() => (rig.replies().length >= BACKLOG ? true : undefined), 10 * IDEAL_MS);
    const tookMs = Date.now() - begin;
    expect(new Set(rig.replies().map(({ subject }) => subject))).toEqual(new Set(['vended']));
    const statuses = rig.posts().map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(BACKLOG);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
    // A short backlog is over before the first waits are.
    if (asked !== undefined) expect(tookMs).toBeLessThan(1.3 * IDEAL_MS);
  },
  10 * IDEAL_MS + 60_000,
);
