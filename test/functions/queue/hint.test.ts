import { beforeEach, describe, expect, it } from 'vitest';
import { isVended, type VendedIntent } from '../../../src/vending/saga/outcome.ts';
import { HOUR, kindIn, OPERATOR, revokeIn, rotationIn, vendedOf } from '../../vending/lifecycle.ts';
import { tick } from '../../vending/saga/steps.ts';
import { ask, SETTINGS } from '../../vending/saga/vending.ts';
import { World } from '../../vending/saga/world.ts';
import { BACKOFF, only, type Sent, Service } from './service.ts';

let world: World;
let service: Service;
let vended: VendedIntent;
const vend = async (validFor: string): Promise<void> => {
  vended = vendedOf(await ask(world, { validFor }));
};
beforeEach(async () => {
  world = new World();
  service = new Service(world);
  await vend('P60D');
});

const DAY = 24 * HOUR;
const envelope = { origin: 'service', caller: 'events', roles: [], copies: 1, attempts: 0, reference: 'r' };

/** As the event was taken in. */
function hint(intent: VendedIntent, told: object = {}): Promise<Sent[]> {
  const { vaultUrl, secretName, state } = intent;
  const event = { kind: 'key-vault', event: 'near-expiry', source: 's', id: 'i', vaultUrl, secretName };
  const body = { envelope, work: { event: { ...event, version: state.secret.version, ...told } } };
  return service.retry({ messageId: 'm', subject: '', contentType: '', body: JSON.stringify(body) });
}

/** A key for two days, a day later. @returns what a hint had it rotated to. */
async function rotatedAtHalfItsTime(): Promise<VendedIntent> {
  world = new World();
  service = new Service(world);
  await vend('P2D');
  world.now += DAY;
  await hint(vended);
  const successor = rotationIn(world, vended);
  if (successor === undefined || !isVended(successor)) throw new Error('Nothing was rotated.');
  return successor;
}

describe('a secret that nears its end', () => {
  it('has its key rotated, and nobody is answered', async () => {
    world.now += 30 * DAY;
    expect(await hint(vended)).toEqual([]);
    expect(kindIn(world, vended.id)).toBe('superseded');
  });

  it.each<[string, object]>([
    ['vault', { vaultUrl: 'https://other.vault.azure.net' }],
    ['secret', { secretName: 'other' }],
    ['version', { version: '0f1e2d3c4b5a69788796a5b4c3d2e1f0' }],
  ])('has not where another %s is named', async (_, told) => {
    world.now += 30 * DAY;
    expect(await hint(vended, told)).toEqual([]);
    expect([kindIn(world, vended.id), world.posts.length]).toEqual(['vended', 1]);
  });

  it('has not before its end is near, whatever the event says', async () => {
    world.now += 28 * DAY;
    expect(await hint(vended, { expiresOn: world.now })).toEqual([]);
    expect(kindIn(world, vended.id)).toBe('vended');
  });

  it('has not where tags alone say that it is ours', async () => {
    world.now += 30 * DAY;
    world.rows.clear();
    expect(await hint(vended)).toEqual([]);
    expect(world.posts).toHaveLength(1);
  });

  it('during an overlap waits for the end of that, and uses up no attempt: it is told but once', async () => {
    const successor = await rotatedAtHalfItsTime();
    world.now += DAY;
    const { message, notBefore } = only(await hint(successor));
    expect(notBefore?.getTime()).toBe(world.now + HOUR);
    expect(JSON.parse(message.body)).toMatchObject({ envelope: { copies: 2, attempts: 0 } });
    world.now += HOUR + 1;
    await tick(world);
    expect(await service.retry(message)).toEqual([]);
    expect(kindIn(world, successor.id)).toBe('superseded');
  });
});

describe('a secret that has expired', () => {
  it.each([
    [true, 'revoked'],
    [false, 'vended'],
  ])('with revokeAtExpiry %s has its key %s', async (revokeAtExpiry, kind) => {
    revokeAtExpiryIs(revokeAtExpiry);
    world.now += 60 * DAY - 1;
    await hint(vended, { event: 'expired' });
    expect(kindIn(world, vended.id)).toBe('vended');
    world.now += 1;
    expect(await hint(vended, { event: 'expired' })).toEqual([]);
    expect(kindIn(world, vended.id)).toBe(kind);
  });

  it('by the clock of the vault, which goes before ours, has its key revoked when it has by ours too', async () => {
    revokeAtExpiryIs(true);
    world.now += 60 * DAY - 90_000;
    const { message, notBefore } = only(await hint(vended, { event: 'expired' }));
    expect(notBefore?.getTime()).toBe(world.now + 90_000);
    expect(JSON.parse(message.body)).toMatchObject({ envelope: { attempts: 0 } });
    world.now += 90_000;
    expect(await service.retry(message)).toEqual([]);
    expect(kindIn(world, vended.id)).toBe('revoked');
  });

  it('has its key revoked though the topic takes no events', async () => {
    revokeAtExpiryIs(true);
    refuseEvents();
    world.now += 60 * DAY;
    expect(await hint(vended, { event: 'expired' })).toEqual([]);
    expect(kindIn(world, vended.id)).toBe('revoked');
  });

  it('and whose key stays is told of by the hour until the topic takes it', async () => {
    refuseEvents();
    world.now += 60 * DAY;
    const delays = await delaysOf(await hint(vended, { event: 'expired' }), BACKOFF.maxAttempts + 3);
    expect(delays.slice(BACKOFF.maxAttempts)).toEqual([HOUR, HOUR, HOUR]);
  });

  it.each(['lookUpName', 'read', 'noteDue', 'replace'] as const)(
    'has its key revoked though %s goes unanswered for longer than the usual tries take',
    async (call) => {
      revokeAtExpiryIs(true);
      world.now += 60 * DAY;
      const end = world.now + 3 * HOUR;
      world.fault = (seen) => (seen === call && world.now < end ? 'lost' : undefined);
      await delaysOf(await hint(vended, { event: 'expired' }), 20);
      expect(kindIn(world, vended.id)).toBe('revoked');
    },
  );

  it('is given up after a month without an answer, and the operators are told', async () => {
    world.now += 60 * DAY;
    world.fault = (call) => (call === 'read' ? 'lost' : undefined);
    const delays = await delaysOf(await hint(vended, { event: 'expired' }), 1_000);
    expect(delays.reduce((sum, delay) => sum + delay)).toBeGreaterThan(30 * DAY);
    const event = { event: 'unasked-change-failed', problem: 'ledger-unavailable', requestId: vended.id };
    expect(service.errors).toEqual([JSON.stringify(event)]);
  });
});

function revokeAtExpiryIs(revokeAtExpiry: boolean): void {
  const rules = SETTINGS.policy.rules.map((rule) => ({ ...rule, revokeAtExpiry }));
  service.settings = { ...SETTINGS, policy: { rules } };
}

function refuseEvents(): void {
  const ports = world.ports.bind(world);
  const upstream = { service: 'events', status: 403 } as const;
  world.ports = (actor) => ({
    ...ports(actor),
    events: { publish: async () => ({ kind: 'not-published', upstream }) },
  });
}

/** Delivers copy after copy, each at its time, until nothing is sent any more. */
async function delaysOf(first: Sent[], most: number): Promise<number[]> {
  const delays: number[] = [];
  for (let sent = first; sent.length > 0 && delays.length < most; ) {
    const { message, notBefore } = only(sent);
    delays.push((notBefore?.getTime() ?? 0) - world.now);
    world.now = notBefore?.getTime() ?? world.now;
    sent = await service.retry(message);
  }
  return delays;
}

it('a hint behind an old key that Confluent does not delete comes again by the hour, for a month', async () => {
  const successor = await rotatedAtHalfItsTime();
  world.fault = (call) => (call === 'deleteKey' ? 'refused' : undefined);
  await revokeIn(world, vended.id, OPERATOR);
  world.now += DAY;
  const since = world.now;
  let sent = await hint(successor);
  let copies = 0;
  for (; sent.length > 0 && copies < 2_000; copies++) {
    world.now = only(sent).notBefore?.getTime() ?? world.now;
    sent = await service.retry(only(sent).message);
  }
  expect(copies).toBeLessThan(800);
  expect(world.now - since).toBeGreaterThan(28 * DAY);
});
