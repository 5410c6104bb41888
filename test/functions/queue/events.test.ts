import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { VALIDATION_SAMPLE } from '../../vending/events/samples.ts';
import { DAY, rowIn, withRule } from '../../vending/world/steps.ts';
import { BACKOFF, bodyOf, only, QUEUES, REQUEST, Service } from './service.ts';

const VERSION = '0'.repeat(32);

let service: Service;
let id: string;
beforeEach(async () => {
  service = new Service();
  const settings = withRule({ callers: { queues: ['orders'], ids: ['events'] }, revokeAtExpiry: true });
  service.settings = { ...settings, defaultVaultUrl: 'https://orders.vault.azure.net' };
  id = String(bodyOf(only(await service.request({ ...REQUEST, validFor: 'P60D' }, { messageId: 'm-0' }))).id);
});

const eventOf = (id: string, more: object = {}) => ({
  ...{ specversion: '1.0', id, source: '/w', type: 'x.apikey.requested.v1', data: REQUEST },
  ...more,
});
const correlationOf = (source: string, id: string): string =>
  `ce:${createHash('sha256')
    .update(JSON.stringify([source, id]))
    .digest('hex')}`;

/** The vault in memory counts its versions, and Key Vault names them by 32 digits. */
function aboutSecret(type: string, version = VERSION) {
  const { vaultUrl, secretName } = rowIn(service.world, id);
  const data = { Id: `${vaultUrl}/secrets/${secretName}/${version}`, VaultName: 'orders' };
  return { specversion: '1.0', id: 'e-1', source: '/vaults/v', type, data };
}

function nameVersion(): void {
  for (const [key, { text, etag }] of service.world.ledger.rows)
    if (key.startsWith('credential_'))
      service.world.ledger.rows.set(key, { text: text.replace(/"version":"v\d+"/, `"version":"${VERSION}"`), etag });
}

const NEAR_EXPIRY = 'Microsoft.KeyVault.SecretNearExpiry';
const EXPIRED = 'Microsoft.KeyVault.SecretExpired';

describe('an event of Key Vault', () => {
  beforeEach(nameVersion);

  it('has a rotation asked for that is due, and nobody is answered', async () => {
    service.world.now += 31 * DAY;
    const sent = only(await service.event(aboutSecret(NEAR_EXPIRY)));
    expect(bodyOf(sent)).toMatchObject({ envelope: { origin: 'service', caller: 'schedule' } });
    expect(await service.retryInTime(sent)).toEqual([]);
    expect(rowIn(service.world, id).current?.attempt).toBe(2);
  });

  it('has an expired key revoked if its rule says so', async () => {
    service.world.now += 61 * DAY;
    await service.event(aboutSecret(EXPIRED));
    expect(rowIn(service.world, id).revocation?.by).toBe('expiry');
  });

  it.each([NEAR_EXPIRY, EXPIRED])('of the type %s does nothing before its time: the ledger knows it', async (type) => {
    service.world.now += DAY;
    const before = rowIn(service.world, id);
    expect(await service.event(aboutSecret(type))).toEqual([]);
    expect(rowIn(service.world, id)).toEqual(before);
  });

  it('about another version does nothing', async () => {
    service.world.now += 31 * DAY;
    expect(await service.event(aboutSecret(NEAR_EXPIRY, 'f'.repeat(32)))).toEqual([]);
    expect(service.logged.join()).toContain('"event":"key-vault-event-ignored","state":"not-current"');
  });

  it('is rescheduled while the ledger does not answer, and given up in the end', async () => {
    service.world.fault = (call) => (call === 'read' ? 'lost' : undefined);
    let sent = await service.event(aboutSecret(NEAR_EXPIRY));
    let retries = 0;
    for (; sent.length > 0 && retries < 100; retries++) sent = await service.retryInTime(only(sent));
    expect([retries, service.errors]).toEqual([BACKOFF.maxAttempts, []]);
    const failure = JSON.stringify({ event: 'request-failed', problem: 'ledger-unavailable' });
    expect(service.logged.filter((line) => line === failure)).toHaveLength(retries + 1);
  });

  it('abandons its message where it cannot be rescheduled', async () => {
    service.world.fault = (call) => (call === 'read' ? 'lost' : undefined);
    service.messenger.fate = () => ({ kind: 'not-sent', upstream: { service: 'bus' } });
    await expect(service.event(aboutSecret(NEAR_EXPIRY))).rejects.toThrow('is abandoned');
  });

  it('is looked at by its retry', async () => {
    service.world.now += 61 * DAY;
    service.world.fault = (call) => (call === 'read' ? 'lost' : undefined);
    const sent = only(await service.event(aboutSecret(EXPIRED)));
    service.world.fault = () => undefined;
    await service.retryInTime(sent);
    expect(rowIn(service.world, id).revocation?.by).toBe('expiry');
  });
});

describe('an event on the queue of events', () => {
  it('asks for a key as the caller "events", and the answer names the event', async () => {
    const sent = only(await service.event(eventOf('e-2'), { messageId: 'm-3' }));
    expect(sent).toMatchObject({
      queue: QUEUES.resultQueue,
      message: { subject: 'vended', correlationId: correlationOf('/w', 'e-2') },
    });
    expect(rowIn(service.world, String(bodyOf(sent).id)).caller).toBe('events');
  });

  it('among several becomes a message of its own', async () => {
    const secret = aboutSecret('Microsoft.KeyVault.SecretNearExpiry');
    const sent = await service.event([eventOf('e-3'), secret, eventOf('e-5', { type: 'other' })]);
    expect(sent.map(({ queue }) => queue)).toEqual([QUEUES.retryQueue, QUEUES.retryQueue]);
    expect(new Set(sent.map(({ message }) => message.messageId)).size).toBe(2);
  });

  it.each([
    ['information, where all can be read', eventOf('e-4'), 'information', 0],
    ['a warning, where one cannot', {}, 'warning', 1],
  ])('among several is logged with their number: as %s', async (_, other, level, unreadable) => {
    expect(await service.event([eventOf('e-3'), other])).toHaveLength(2 - unreadable);
    const line = { event: 'events-received', counts: { all: 2, taken: 2 - unreadable, unreadable } };
    expect(service.levels).toContainEqual([level, JSON.stringify(line)]);
  });

  it('of another type is ignored, and that is logged', async () => {
    const { length } = service.world.calls;
    service.logged.splice(0);
    for (const event of [aboutSecret('Microsoft.KeyVault.SecretNewVersionCreated'), VALIDATION_SAMPLE])
      expect(await service.event(event)).toEqual([]);
    expect(service.world.calls).toHaveLength(length);
    expect(service.logged).toEqual(Array(2).fill('{"event":"event-ignored"}'));
  });

  it('that is none is answered with what has to come', async () => {
    const errors = [{ pointer: '', detail: 'must be one event, or a list of up to 100' }];
    for (const body of ['"text"', Array(101).fill({})])
      expect(bodyOf(only(await service.event(body)))).toMatchObject({ errors });
  });

  it('that cannot be read comes back as a rejection', async () => {
    expect(only(await service.event({ specversion: '0.3' })).message.subject).toBe('invalid-request');
    expect(only(await service.event('"text"')).message.subject).toBe('invalid-request');
    expect(only(await service.event('{"id":"a","id":"b"}')).message.subject).toBe('malformed-request');
  });
});

describe('an event on a request queue', () => {
  it('is answered under the id of its message', async () => {
    const sent = only(await service.request(eventOf('e-1'), { messageId: 'm-1' }));
    expect(sent.message).toMatchObject({ subject: 'vended', correlationId: 'm-1' });
  });

  it.each([
    [eventOf('e-1', { type: 'other' }), '/type'],
    [eventOf('e-1', { data: { ...REQUEST, name: '' } }), '/data/name'],
    [eventOf('e-1', { data: { operation: 'revoke', id: 'a'.repeat(26) } }), '/data/operation'],
    [
      eventOf('e-1', { type: 'apikey.revoke.requested.v1', data: { operation: 'rotate', id: 'a'.repeat(26) } }),
      '/data/operation',
    ],
    [eventOf('e-1', { type: 'apikey.end-overlap.requested.v1', data: { id: 'a'.repeat(26) } }), '/data/apiKeyId'],
  ])('%j is rejected at %s', async (event, pointer) => {
    const sent = only(await service.request(event, { messageId: 'm-1' }));
    expect(sent.message.subject).toBe('invalid-request');
    expect(bodyOf(sent).errors).toEqual([expect.objectContaining({ pointer })]);
    expect(service.world.confluent.live()).toHaveLength(1);
  });
});
