import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createEventIntake } from '../../../src/functions/queue/retry-messages.ts';
import { DAY, rowIn, SETTINGS, withRule } from '../../vending/world/steps.ts';
import { BACKOFF, bodyOf, FakeMessenger, OPERATOR_ROLE, only, QUEUES, REQUEST, Service } from './service.ts';

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
    const sent = await service.event([eventOf('e-3'), eventOf('e-4'), eventOf('e-5', { type: 'other' })]);
    expect(sent.map(({ queue }) => queue)).toEqual([QUEUES.retryQueue, QUEUES.retryQueue]);
    expect(new Set(sent.map(({ message }) => message.messageId)).size).toBe(2);
  });

  it('of another type is ignored', async () => {
    const { length } = service.world.calls;
    expect(await service.event(aboutSecret('Microsoft.KeyVault.SecretNewVersionCreated'))).toEqual([]);
    expect(service.world.calls).toHaveLength(length);
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

describe('events that came over HTTP', () => {
  const event = { kind: 'command', operation: 'revoke', source: '/w', id: 'e-6' } as const;
  const caller = { id: 'queue:orders', roles: ['Some.Role'] };

  async function taken(data: object, by = caller, operation: 'vend' | 'revoke' = 'revoke') {
    const messenger = new FakeMessenger();
    const intake = createEventIntake(messenger, QUEUES.retryQueue, service.world.effects().clock);
    expect(await intake.accept([{ ...event, operation, data }], by)).toBe('accepted');
    return only(messenger.sent);
  }

  it('wait on the retry queue under the name and roles of the caller, and are one message within a minute', async () => {
    service.world.pass(60_000 - (service.world.now % 60_000));
    const first = await taken({ id });
    service.world.pass(59_999);
    expect((await taken({ id })).message.messageId).toBe(first.message.messageId);
    service.world.pass(1);
    // Its sender may have read of a failure. What is accepted must not be dropped as a duplicate of what was answered.
    expect((await taken({ id })).message.messageId).not.toBe(first.message.messageId);
    service.world.pass(DAY);
    const answered = only(await service.retry(first.message));
    expect(answered.message).toMatchObject({ subject: 'revoked', correlationId: correlationOf('/w', 'e-6') });
  });

  it('are two messages with the same id of two sources, or of two callers: the broker drops what is repeated', async () => {
    const messenger = new FakeMessenger();
    const intake = createEventIntake(messenger, QUEUES.retryQueue, service.world.effects().clock);
    const events = ['/w', '/v'].map((source) => ({ ...event, source, data: { id } }));
    for (const by of [caller, { ...caller, id: 'queue:search' }]) await intake.accept(events, by);
    expect(new Set(messenger.sent.map(({ message }) => message.messageId)).size).toBe(4);
  });

  it('are an operator’s where the caller is one', async () => {
    service.world.pass(DAY);
    const stranger = await taken({ id }, { id: 'entra:t:o', roles: [] });
    expect(only(await service.retry(stranger.message)).message.subject).toBe('not-found');
    const operator = await taken({ id }, { id: 'entra:t:o', roles: [OPERATOR_ROLE] });
    expect(only(await service.retry(operator.message)).message.subject).toBe('revoked');
    expect(service.logged.join()).toContain('"actor":"operator:entra:t:o"');
  });

  it('are not accepted unless all of them are kept', async () => {
    const messenger = new FakeMessenger();
    messenger.fate = () =>
      messenger.tries === 2 ? { kind: 'not-sent', upstream: { service: 'bus' } } : { kind: 'sent' };
    const intake = createEventIntake(messenger, QUEUES.retryQueue, service.world.effects().clock);
    const events = ['a', 'b', 'c'].map((each) => ({ ...event, id: each, data: {} }));
    expect(await intake.accept(events, caller)).toBe('not-accepted');
  });

  it('that ask for another operation than their type come back as a rejection', async () => {
    const sent = await taken({ operation: 'revoke', id }, caller, 'vend');
    const rejected = only(await service.retry(sent.message));
    expect(rejected.message).toMatchObject({ subject: 'invalid-request', correlationId: correlationOf('/w', 'e-6') });
    expect(service.world.confluent.live()).toHaveLength(1);
  });

  it('wait through a pause', async () => {
    service.settings = { ...SETTINGS, mode: 'paused' };
    const sent = await taken(REQUEST, caller, 'vend');
    expect(only(await service.retry(sent.message)).queue).toBe(QUEUES.retryQueue);
  });
});
