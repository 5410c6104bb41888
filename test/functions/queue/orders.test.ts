import { beforeEach, describe, expect, it } from 'vitest';
import { createEventIntake, createRotationRequests } from '../../../src/functions/queue/own-messages.ts';
import type { VendedIntent } from '../../../src/vending/saga/outcome.ts';
import { HOUR, kindIn, rotationIn, vendedOf } from '../../vending/lifecycle.ts';
import { ask } from '../../vending/saga/vending.ts';
import { World } from '../../vending/saga/world.ts';
import { BACKOFF, FakeMessenger, only, QUEUES, REQUEST, type Sent, Service } from './service.ts';

const DAY = 24 * HOUR;

let world: World;
let service: Service;
let vended: VendedIntent;
beforeEach(async () => {
  world = new World();
  service = new Service(world);
  service.settings = { ...service.settings, defaultVaultUrl: 'https://orders.vault.azure.net' };
  vended = vendedOf(await ask(world, { validFor: 'P60D' }, service.settings));
});

const bodyOf = ({ message }: { readonly message: { readonly body: string } }): Record<string, unknown> =>
  JSON.parse(message.body);

describe('an order on a request queue', () => {
  it('to revoke is obeyed and answered, correlated with its message', async () => {
    const sent = only(await service.request({ operation: 'revoke', requestId: vended.id }, { messageId: 'm-1' }));
    expect(sent).toMatchObject({ queue: QUEUES.resultQueue, message: { subject: 'revoked', correlationId: 'm-1' } });
    expect(bodyOf(sent)).toMatchObject({ requestId: vended.id, status: 'revoked' });
  });

  it('to rotate is answered with the new key, after the overlap that was asked for', async () => {
    const sent = only(await service.request({ operation: 'rotate', requestId: vended.id, overlap: 'P3D' }));
    expect(bodyOf(sent)).toMatchObject({ status: 'vended', supersedes: vended.id });
    expect(rotationIn(world, vended)?.supersedes?.overlapMs).toBe(3 * DAY);
  });

  it('needs no message id: it names its request', async () => {
    expect(only(await service.request({ operation: 'revoke', requestId: vended.id })).message.subject).toBe('revoked');
  });

  it('of another queue than the one that vended finds nothing', async () => {
    const sent = only(await service.request({ operation: 'revoke', requestId: vended.id }, {}, 'payments'));
    expect(sent.message.subject).toBe('not-found');
    expect(kindIn(world, vended.id)).toBe('vended');
  });

  it('to try is answered, and nothing is done', async () => {
    const order = { operation: 'rotate', requestId: vended.id, validateOnly: true };
    const sent = only(await service.request(order));
    expect(sent.message.subject).toBe('previewed');
    expect(bodyOf(sent)).toMatchObject({ operation: 'rotate', effect: 'mint' });
    expect(world.posts).toHaveLength(1);
  });

  it.each([
    [{ operation: 'destroy' }, '/operation'],
    [{ operation: 'revoke' }, '/requestId'],
    [{ operation: 'revoke', requestId: '..' }, '/requestId'],
    [{ operation: 'rotate', requestId: 'a'.repeat(26), overlap: 'a day' }, '/overlap'],
    [{ operation: 'rotate', requestId: 'a'.repeat(26), key: 'x' }, '/key'],
  ])('%j is rejected at %s', async (body, pointer) => {
    const sent = only(await service.request(body));
    expect(sent.message.subject).toBe('invalid-request');
    expect(bodyOf(sent).errors).toEqual([expect.objectContaining({ pointer })]);
  });

  it('that is put off is obeyed by its copy, for whoever gave it', async () => {
    world.fault = (call) => (call === 'mint' ? 'refused' : undefined);
    const copy = only(await service.request({ operation: 'rotate', requestId: vended.id }, { messageId: 'm-2' }));
    expect(copy.queue).toBe(QUEUES.retryQueue);
    world.fault = () => undefined;
    world.now += 10_000;
    const sent = only(await service.retry(copy.message));
    expect(sent.message).toMatchObject({ subject: 'vended', correlationId: 'm-2' });
  });
});

const hint = (fields: object = {}) => ({
  specversion: '1.0',
  id: 'e-1',
  source: '/vaults/v',
  type: 'Microsoft.KeyVault.SecretNearExpiry',
  data: {
    Id: `${vended.vaultUrl}/secrets/${vended.secretName}/${'0'.repeat(32)}`,
    VaultName: 'orders',
    ...fields,
  },
});

/** The fake vault numbers its versions; events name them by 32 digits. */
function nameVersion(): void {
  const version = '0'.repeat(32);
  const row = world.rows.get(vended.id);
  if (row === undefined || row.intent.state.kind !== 'vended') throw new Error('Nothing is vended.');
  const secret = { id: row.intent.state.secret.id, version };
  world.rows.set(vended.id, { ...row, intent: { ...row.intent, state: { ...row.intent.state, secret } } });
}

describe('an event on the queue of events', () => {
  it('that a secret nears its end has it rotated; nobody is answered', async () => {
    nameVersion();
    world.now += 31 * DAY;
    expect(await service.event(hint())).toEqual([]);
    expect(kindIn(world, vended.id)).toBe('superseded');
  });

  it('that comes early is put off until half the time of the secret, however often that takes', async () => {
    nameVersion();
    world.now += 30 * DAY - HOUR;
    const copy = only(await service.event(hint()));
    expect(copy.notBefore?.getTime()).toBe(world.now + HOUR);
    expect(bodyOf(copy).envelope).toMatchObject({ attempts: 0, origin: 'service' });
    world.now += HOUR;
    expect(await service.retry(copy.message)).toEqual([]);
    expect(kindIn(world, vended.id)).toBe('superseded');
  });

  it('that fails for good is told to the operators', async () => {
    nameVersion();
    world.now += 31 * DAY;
    service.settings = { ...service.settings, policy: { rules: [] } };
    expect(await service.event(hint())).toEqual([]);
    expect(service.logged.join('\n')).toContain('"event":"unasked-change-failed"');
  });

  it('comes again by the hour until the secret has expired, once its usual tries are used up', async () => {
    nameVersion();
    world.now += 31 * DAY;
    service.settings = { ...service.settings, policy: { rules: [] } };
    const expiry = (days: number): object => hint({ EXP: Math.floor((world.now + days * DAY) / 1000) });
    const copy = only(await service.event(expiry(29)));
    expect(copy.notBefore?.getTime()).toBe(world.now + HOUR);
    expect(only(await service.retry(copy.message)).notBefore?.getTime()).toBe(world.now + HOUR);
    expect(await service.event(expiry(-1))).toEqual([]);
  });

  it('that cannot be judged is put off', async () => {
    nameVersion();
    world.fault = (call) => (call === 'lookUpName' ? 'lost' : undefined);
    expect(only(await service.event(hint())).queue).toBe(QUEUES.retryQueue);
  });

  it('asks for a key as the caller "events", answered on the result queue', async () => {
    const [rule] = service.settings.policy.rules;
    const callers = { ids: ['events'] };
    service.settings = { ...service.settings, policy: { rules: rule === undefined ? [] : [{ ...rule, callers }] } };
    const event = { specversion: '1.0', id: 'e-2', source: '/w', type: 'x.apikey.requested.v1', data: REQUEST };
    const sent = only(await service.event(event, { messageId: 'm-3' }));
    expect(sent).toMatchObject({ queue: QUEUES.resultQueue, message: { subject: 'vended', correlationId: 'm-3' } });
  });

  it('among several is taken in for itself', async () => {
    const event = { specversion: '1.0', id: 'e-3', source: '/w', type: 'x.apikey.requested.v1', data: REQUEST };
    const sent = await service.event([event, { ...event, id: 'e-4' }, { ...event, id: 'e-5', type: 'other' }]);
    expect(sent.map(({ queue }) => queue)).toEqual([QUEUES.retryQueue, QUEUES.retryQueue]);
    expect(new Set(sent.map(({ message }) => message.messageId)).size).toBe(2);
  });

  it('of another kind is let be', async () => {
    expect(await service.event({ ...hint(), type: 'Microsoft.KeyVault.SecretNewVersionCreated' })).toEqual([]);
    expect(world.calls).not.toContain('lookUpName');
  });

  it('that cannot be read comes back as a rejection', async () => {
    expect(only(await service.event({ specversion: '0.3' })).message.subject).toBe('invalid-request');
    expect(only(await service.event('text')).message.subject).toBe('invalid-request');
  });
});

describe('events that came over HTTP', () => {
  const event = { kind: 'command', operation: 'revoke', source: '/w', id: 'e-6' } as const;
  const caller = { id: 'queue:orders', roles: ['Some.Role'] };

  it('wait on the retry queue under the name and roles of whoever delivered them, once however often', async () => {
    const messenger = new FakeMessenger();
    const intake = createEventIntake(messenger, QUEUES.retryQueue);
    const events = [{ ...event, data: { requestId: vended.id } }];
    expect(await intake.accept(events, caller)).toBe('accepted');
    expect(await intake.accept(events, caller)).toBe('accepted');
    const [first, again] = messenger.sent;
    expect(first?.message.messageId).toBe(again?.message.messageId);
    if (first === undefined) throw new Error('Nothing was sent.');
    expect(only(await service.retry(first.message)).message.subject).toBe('revoked');
  });

  it('are not accepted unless all of them are kept', async () => {
    const messenger = new FakeMessenger();
    messenger.fate = () =>
      messenger.tries === 2 ? { kind: 'not-sent', upstream: { service: 'bus' } } : { kind: 'sent' };
    const intake = createEventIntake(messenger, QUEUES.retryQueue);
    const events = ['a', 'b', 'c'].map((id) => ({ ...event, id, data: {} }));
    expect(await intake.accept(events, caller)).toBe('not-accepted');
  });

  it('that ask for what is no order come back as a rejection', async () => {
    const messenger = new FakeMessenger();
    const intake = createEventIntake(messenger, QUEUES.retryQueue);
    await intake.accept([{ ...event, operation: 'vend', data: { operation: 'revoke', requestId: vended.id } }], caller);
    const [sent] = messenger.sent;
    if (sent === undefined) throw new Error('Nothing was sent.');
    expect(only(await service.retry(sent.message)).message.subject).toBe('invalid-request');
    expect(kindIn(world, vended.id)).toBe('vended');
  });
});

describe('a rotation that nobody but the service asks for', () => {
  const asked = async (): Promise<Sent> => {
    const messenger = new FakeMessenger();
    await createRotationRequests(messenger, QUEUES.retryQueue).request(vended.id, new Date(world.now));
    return only(messenger.sent);
  };

  it('is put off while the service is paused, by the hour, and uses up no attempt', async () => {
    service.settings = { ...service.settings, mode: 'paused' };
    let copy = await asked();
    for (let n = 0; n <= BACKOFF.maxAttempts; n++) {
      copy = only(await service.retry(copy.message));
      expect(copy.notBefore?.getTime()).toBe(world.now + HOUR);
      world.now += HOUR;
    }
    service.settings = { ...service.settings, mode: 'normal' };
    expect(await service.retry(copy.message)).toEqual([]);
    expect(kindIn(world, vended.id)).toBe('superseded');
    expect(service.errors).toEqual([]);
  });

  it('is told to the operators when its tries are used up', async () => {
    world.fault = (call) => (call === 'mint' ? 'refused' : undefined);
    let sent = await service.retry((await asked()).message);
    while (sent.length > 0) {
      expect(service.errors).toEqual([]);
      world.now = only(sent).notBefore?.getTime() ?? world.now;
      sent = await service.retry(only(sent).message);
    }
    expect(service.errors.join()).toContain('"event":"unasked-change-failed","problem":"upstream-throttled"');
    expect(kindIn(world, vended.id)).toBe('vended');
  });
});

it('a rotation that the schedule asks for is done by whoever takes its message, one message a day', async () => {
  const messenger = new FakeMessenger();
  const rotations = createRotationRequests(messenger, QUEUES.retryQueue);
  const at = new Date(world.now + 5_000);
  await rotations.request(vended.id, at);
  await rotations.request(vended.id, new Date(at.getTime() + 1_000));
  const [first, again] = messenger.sent;
  expect(first?.notBefore).toEqual(at);
  expect(again?.message.messageId).toBe(first?.message.messageId);
  if (first === undefined) throw new Error('Nothing was sent.');
  expect(await service.retry(first.message)).toEqual([]);
  expect(kindIn(world, vended.id)).toBe('superseded');
});
