import { afterEach, expect, it } from 'vitest';
import type { AzureOptions } from '../../src/sandbox/azure/azure.ts';
import { ABSENCE_PROVES_MS } from '../../src/vending/model/timings.ts';
import { DEFAULT_TIMINGS } from '../vending/world/timings.ts';
import { EXAMPLE, Rig, until } from './harness.ts';

const { REFUSED: askedRefused, QUEUED: askedQueued } = process.env;
/**
 * ARM refuses these requests. Each leaves rows in the ledger, which a review of its own has to forget in the end.
 * 6,000 of them take minutes here. Some hundreds leave the reconciler busy all the same; `REFUSED=6000` runs all.
 */
const REFUSED = Number(askedRefused ?? 200);
/** Messages that wait while ARM takes ten a second, as it does; `QUEUED=10000` measures what the page says. */
const QUEUED = Number(askedQueued ?? 400);
const AT_ONCE = 20;
const MINUTES = 60_000;
const MOST_MS = MINUTES;

let rig: Rig;
const start = async (azure: AzureOptions): Promise<void> => {
  rig = await Rig.start({ RECONCILE_SCHEDULE: '* * * * * *' }, azure);
};
afterEach(() => rig.close());

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
  // From now on the function knows that the vault takes writes: the fault is for the key's own secret.
  await rig.vend('proof');
  const before = rig.posts().length;
  rig.fault({ service: 'vault', operation: 'setSecret', times: 1, fault: { delayMs: 60_000, drop: 'before' } });
  // Over HTTP no message comes back: the reconciler alone goes on with it.
  rig.post(EXAMPLE, { key: 'crashed' }).catch(() => undefined);
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

/** Brings the function up again when a review may settle what it left. @returns milliseconds from then on */
async function settled({ work }: Awaited<ReturnType<typeof crash>>): Promise<number> {
  const { clock } = rig.sandbox.azure;
  // Nothing is in the vault, so the key is in doubt until it is old.
  const from = work.leaseUntil + DEFAULT_TIMINGS.settleMs + ABSENCE_PROVES_MS;
  await clock.advance(from - clock.now());
  await rig.sandbox.function.start(0);
  await until(() => (rig.isDeleted(String(work.keyId)) === true ? true : undefined), 5 * MINUTES);
  const tookMs = clock.now() - from;
  if (askedRefused !== undefined || askedQueued !== undefined) process.stdout.write(`settled after ${tookMs} ms\n`);
  return tookMs;
}

const toForget = async (): Promise<number> => (await rig.rowKeys()).filter((key) => key.startsWith('prune_')).length;

it(
  `the key of a crashed worker is settled within a minute of the time when it may be, while ${REFUSED} refused requests are forgotten`,
  async () => {
    await start({ armLimits: { rateLimits: { writes: { capacity: 1e6, refillPerSecond: 1e6 } } } });
    await refuse(REFUSED);
    expect(await toForget()).toBe(REFUSED);
    await rig.sandbox.function.kill();
    await rig.advance('P30DT1H');
    await rig.sandbox.function.start(0);
    // From now on all of them are being forgotten.
    const left = await crash();
    expect(await toForget()).toBeGreaterThan(0);
    expect(await settled(left)).toBeLessThan(MOST_MS);
    expect(await toForget()).toBeGreaterThan(0);
  },
  (10 + REFUSED / 200) * MINUTES,
);

it(
  `the key of a crashed worker is settled within a minute of the time when it may be, while ${QUEUED} messages wait for ARM`,
  async () => {
    await start({});
    const left = await crash();
    for (let n = 0; n < QUEUED; n++) rig.send(`flood-${n}`, { ...EXAMPLE, name: `flood-${n}` });
    expect(await settled(left)).toBeLessThan(MOST_MS);
    const waiting = QUEUED - rig.replies().length;
    expect(waiting).toBeGreaterThan(QUEUED / 10);
  },
  10 * MINUTES,
);
