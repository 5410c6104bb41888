import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_TIMINGS } from '../../src/vending/model/timings.ts';
import { EXAMPLE, Rig, until } from './harness.ts';

/**
 * ARM refuses these requests. Each leaves rows in the ledger, which a review of its own has to forget in the end.
 * 6,000 of them take minutes here. A tenth leaves the reconciler busy all the same; `REFUSED=6000` runs all.
 */
const REFUSED = Number(process.env.REFUSED ?? 600);
const AT_ONCE = 20;
const MINUTES = 60_000;

let rig: Rig;
beforeAll(async () => {
  const rateLimits = { writes: { capacity: 1e6, refillPerSecond: 1e6 } };
  rig = await Rig.start({ RECONCILE_SCHEDULE: '* * * * * *' }, { armLimits: { rateLimits } });
});
afterAll(() => rig.close());

async function refuse(count: number): Promise<void> {
  const token = await rig.token();
  rig.fault({ service: 'arm', operation: 'createApiKey', fault: { status: 400, body: { error: { code: 'No' } } } });
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const { status } = await rig.post(EXAMPLE, { key: `refused-${next++}`, token });
      expect(status).toBe(502);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  rig.heal();
}

/** A worker of another caller dies after its key was minted. The function stays down. */
async function crash() {
  const before = rig.posts().length;
  rig.fault({ service: 'vault', operation: 'setSecret', times: 1, fault: { delayMs: 60_000, drop: 'before' } });
  rig.send('crashed', EXAMPLE);
  const { body } = await until(() => rig.posts()[before]);
  const id = /vend:([a-z2-7]+)\.1\./.exec(JSON.stringify(body))?.[1] ?? '';
  const row = await until(async () => {
    const seen = await rig.ledgerRow(id);
    return seen?.work?.phase === 'minted' ? { ...seen, work: seen.work } : undefined;
  });
  await rig.sandbox.function.kill();
  rig.heal();
  return row;
}

const toForget = async (): Promise<number> => (await rig.rowKeys()).filter((key) => key.startsWith('prune_')).length;

it(
  `the key of a crashed worker is settled within two minutes of its lease, while ${REFUSED} refused requests are forgotten`,
  async () => {
    const { clock } = rig.sandbox.azure;
    await refuse(REFUSED);
    expect(await toForget()).toBe(REFUSED);
    await rig.sandbox.function.kill();
    await rig.advance('P30DT1H');
    await rig.sandbox.function.start(0);
    // From now on all of them are being forgotten.
    const { work } = await crash();
    expect(await toForget()).toBeGreaterThan(0);
    await clock.advance(work.leaseUntil + DEFAULT_TIMINGS.settleMs - clock.now());
    await rig.sandbox.function.start(0);
    const settledAt = await until(
      () => (rig.isDeleted(String(work.keyId)) === true ? clock.now() : undefined),
      5 * MINUTES,
    );
    expect(await toForget()).toBeGreaterThan(0);
    expect(settledAt).toBeLessThan(work.leaseUntil + 2 * MINUTES);
  },
  (10 + REFUSED / 200) * MINUTES,
);
