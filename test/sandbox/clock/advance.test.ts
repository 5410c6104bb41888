import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORLD } from '../../../src/sandbox/azure/world.ts';
import { ControlClient } from '../../e2e/control-client.ts';
import { EXAMPLE, Rig, until } from '../../e2e/harness.ts';

const DAY = 86_400_000;

let rig: Rig;
let control: ControlClient;
beforeAll(async () => {
  rig = await Rig.start();
  control = new ControlClient(rig);
});
afterAll(() => rig.close());

interface Moved {
  readonly now: string;
  readonly aheadSeconds: number;
}
const advance = async (duration: string): Promise<Moved> =>
  (await control.call('POST', '/clock', { advance: duration })).body as Moved;

/** How far ahead of the test's own clock a time is, in days. */
const daysAhead = (time: string): number => (Date.parse(time) - Date.now()) / DAY;

const queued = (): unknown[] =>
  rig.sandbox.azure.broker.view(WORLD.queues.request)?.messages.map(({ messageId }) => messageId) ?? [];

describe('the clock of the sandbox', () => {
  it('is shown, and at first the real one', async () => {
    const { now, aheadSeconds } = (await control.get('/clock')) as Moved;
    expect(aheadSeconds).toBe(0);
    expect(Math.abs(daysAhead(now)) * DAY).toBeLessThan(2_000);
  });

  it.each([
    {},
    { advance: 'P1M' },
    { advance: '-PT1H' },
    { advance: 'PT0S' },
    { advance: 3600 },
    { advance: 'P40000D' },
    { advance: 'PT1H', back: true },
  ])('refuses to be moved by %o', async (body) => {
    expect((await control.call('POST', '/clock', body)).status).toBe(400);
    expect(await control.get('/clock')).toMatchObject({ aheadSeconds: 0 });
  });

  it('brings a message that was scheduled for later', async () => {
    const { connectionString } = rig.sandbox.azure.broker;
    const client = new ServiceBusClient(connectionString);
    try {
      const sender = client.createSender(WORLD.queues.request);
      const inAnHour = new Date(Date.now() + 3_600_000);
      await sender.scheduleMessages({ body: EXAMPLE, messageId: 'in-an-hour' }, inAnHour);
      await sender.scheduleMessages({ body: EXAMPLE, messageId: 'in-a-day' }, new Date(Date.now() + DAY));
      expect(queued()).toEqual(['in-an-hour', 'in-a-day']);
      expect((await advance('PT2H')).aheadSeconds).toBe(7_200);
      expect((await rig.replyTo('in-an-hour')).subject).toBe('vended');
      expect(await until(() => (queued().length === 1 ? queued() : undefined))).toEqual(['in-a-day']);
    } finally {
      await client.close();
    }
  });

  it('moves ahead for everything by 40 days, after which both ways of vending still work', async () => {
    expect((await rig.post(EXAMPLE, { key: 'before' })).status).toBe(201);
    const stale = await control.token();
    await advance('P40D');
    expect((await rig.post(EXAMPLE, { key: 'with-a-stale-token', token: stale })).status).toBe(401);

    const reply = await rig.post({ ...EXAMPLE, validFor: 'P90D' }, { key: 'after', token: await control.token() });
    expect(reply.status).toBe(201);
    rig.send('after-by-queue', EXAMPLE);
    expect((await rig.replyTo('after-by-queue')).subject).toBe('vended');

    const { secret } = reply.body as { secret: { name: string } };
    const [version] = rig.versions(secret.name) ?? [];
    expect(daysAhead(version?.expiresOn ?? '')).toBeCloseTo(130, 0);
    expect(daysAhead(rig.posts().at(-1)?.at ?? '')).toBeCloseTo(40, 0);
    expect(daysAhead(rig.replies().at(-1)?.enqueuedTimeUtc ?? '')).toBeCloseTo(40, 0);
  });

  it('wakes a timer whose occurrence it has passed', async () => {
    const fired = /Timer fired at ([^']+)/;
    const lastFired = (): string | undefined =>
      rig.sandbox.function
        .logs()
        .flatMap((line) => fired.exec(String((line as { message?: string }).message))?.[1] ?? [])
        .at(-1);
    await advance('PT3H');
    const ahead = rig.sandbox.azure.clock.offset();
    const late = await until(() => {
      const time = lastFired();
      return time !== undefined && Date.parse(time) >= Date.now() + ahead - 60_000 ? time : undefined;
    }, 5_000);
    expect(daysAhead(late) * DAY).toBeGreaterThan(ahead - 60_000);
  });

  it('is what a function that is started again begins with', async () => {
    await rig.sandbox.function.kill();
    await advance('P1D');
    await rig.sandbox.function.start(0);
    const { token } = await rig.sandbox.azure.issuer.issueCallerToken({
      audience: WORLD.audience,
      oid: WORLD.portalOid,
      expiresIn: 120,
    });
    const reply = await rig.post({ ...EXAMPLE, validFor: 'P1D' }, { key: 'restarted', token });
    expect(reply.status).toBe(201);
    const { secret } = reply.body as { secret: { name: string } };
    expect(daysAhead(rig.versions(secret.name)?.at(-1)?.expiresOn ?? '')).toBeCloseTo(42.2, 0);
  });
});
