import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createEventIntake } from '../../../src/functions/queue/retry-messages.ts';
import type { CommandEvent } from '../../../src/vending/events/incoming.ts';
import { DAY, SETTINGS, withRule } from '../../vending/world/steps.ts';
import { bodyOf, FakeMessenger, OPERATOR_ROLE, only, QUEUES, REQUEST, Service } from './service.ts';

let service: Service;
let id: string;
beforeEach(async () => {
  service = new Service();
  const settings = withRule({ callers: { queues: ['orders'], ids: ['events'] }, revokeAtExpiry: true });
  service.settings = { ...settings, defaultVaultUrl: 'https://orders.vault.azure.net' };
  id = String(bodyOf(only(await service.request({ ...REQUEST, validFor: 'P60D' }, { messageId: 'm-0' }))).id);
});

const correlationOf = (source: string, id: string): string =>
  `ce:${createHash('sha256')
    .update(JSON.stringify([source, id]))
    .digest('hex')}`;

describe('events that came over HTTP', () => {
  const event = { kind: 'command', operation: 'revoke', source: '/w', id: 'e-6' } as const;
  const caller = { id: 'queue:orders', roles: ['Some.Role'] };

  async function taken(data: object, by = caller, operation: CommandEvent['operation'] = 'revoke') {
    const messenger = new FakeMessenger();
    const intake = createEventIntake(messenger, QUEUES.retryQueue, service.world.effects().clock);
    expect(await intake.accept([{ ...event, operation, data }], by)).toBe('accepted');
    return only(messenger.sent);
  }

  it('wait on the retry queue under the name and roles of the caller, and are one message within a minute', async () => {
    // An even minute: two minutes would not end together with one.
    service.world.pass(120_000 - (service.world.now % 120_000));
    const first = await taken({ id });
    service.world.pass(59_999);
    expect((await taken({ id })).message.messageId).toBe(first.message.messageId);
    service.world.pass(1);
    // Its sender may have read of a failure. What is accepted must not be dropped as a duplicate of what was answered.
    expect((await taken({ id })).message.messageId).not.toBe(first.message.messageId);
    service.world.pass(DAY);
    const answered = only(await service.retry(first.message));
    expect(answered.message).toMatchObject({ subject: 'revoked', correlationId: correlationOf('/w', 'e-6') });
    // There was no message whose number it could repeat.
    expect(answered.message.applicationProperties).toStrictEqual({});
  });

  it('wait with all their attempts before them', async () => {
    expect(bodyOf(await taken({ id })).envelope).toEqual({
      ...{ origin: 'sender', caller: caller.id, roles: caller.roles, rescheduleCount: 1, attempts: 0 },
      reference: expect.stringMatching(/^[0-9a-f]{64}$/),
      reply: { correlationId: correlationOf('/w', 'e-6') },
    });
  });

  it.each([
    ['vend', {}, 'invalid-request'],
    ['rotate', {}, 'rotated'],
    ['end-overlap', { apiKeyId: 'KEY' }, 'no-overlap'],
    ['revoke', {}, 'revoked'],
  ] as const)('may ask to %s', async (operation, more, subject) => {
    service.world.pass(DAY);
    const sent = await taken({ id, ...more }, caller, operation);
    expect(only(await service.retry(sent.message)).message.subject).toBe(subject);
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
