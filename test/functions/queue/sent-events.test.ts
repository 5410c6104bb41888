import { describe, expect, it } from 'vitest';
import { createEventIntake } from '../../../src/functions/queue/retry-messages.ts';
import { readEvent } from '../../../src/vending/events/incoming.ts';
import type { ActionableEvent } from '../../../src/vending/ports/messaging.ts';
import { withRule } from '../../vending/world/steps.ts';
import { bodyOf, FakeMessenger, only, QUEUES, REQUEST, type Sent, Service } from './service.ts';

const CALLER = { id: 'queue:orders', roles: ['r'] };
const TYPE = 'x.apikey.requested.v1';

/** What the retry queue gets for events. */
async function takenIn(service: Service, ...events: ActionableEvent[]): Promise<readonly Sent[]> {
  const messenger = new FakeMessenger();
  const intake = createEventIntake(messenger, QUEUES.retryQueue, service.world.effects().clock);
  for (const event of events) expect(await intake.accept([event], CALLER)).toBe('accepted');
  return messenger.sent;
}

describe('an event that was taken in', () => {
  const typo = {
    kind: 'command',
    operation: 'vend',
    source: '/w',
    id: '1',
    data: { ...REQUEST, nam: 'typo' },
  } as const;

  it('is not taken for another one under the same id within a minute', async () => {
    const revoke = { ...typo, operation: 'revoke', data: { id: 'a'.repeat(26) } } as const;
    const sent = await takenIn(new Service(), typo, { ...typo, data: REQUEST }, revoke, typo);
    expect(new Set(sent.map(({ message }) => message.messageId)).size).toBe(3);
  });

  it('without data is answered under its own id, with the field that it lacks', async () => {
    const event = readEvent({ id: '1', topic: '/t', eventType: TYPE });
    if (event.kind !== 'command') throw new Error('It was not read as a command.');
    const service = new Service();
    const [sent] = await takenIn(service, event);
    const answered = only(await service.retry(only(sent === undefined ? [] : [sent]).message));
    expect(answered.message.correlationId).toMatch(/^ce:/);
    expect(bodyOf(answered).errors).toEqual([expect.objectContaining({ pointer: '/data' })]);
  });

  it('is rejected with what its sender sent, and nothing of ours', async () => {
    const service = new Service();
    const answered = only(await service.retry(only(await takenIn(service, typo)).message));
    const { bodyBase64 } = bodyOf(answered).rejected as { bodyBase64: string };
    const { kind: _, ...sent } = typo;
    expect(JSON.parse(Buffer.from(bodyBase64, 'base64').toString())).toEqual({ ...sent, kind: 'event' });
  });
});

it.each(['text', ['a list'], null, 7])(
  'a revocation by event whose data are %j is told that they have to be an object',
  async (data) => {
    const event = { specversion: '1.0', id: 'e', source: '/w', type: 'x.apikey.revoke.requested.v1', data };
    const { message } = only(await new Service().request(event, { messageId: 'm' }));
    expect(JSON.parse(message.body)).toMatchObject({ errors: [{ pointer: '/data', detail: 'must be a JSON object' }] });
  },
);

describe('null in place of a field that is not set', () => {
  it.each([
    ['a vend by message', { operation: null, ...REQUEST }],
    ['a vend by event', { specversion: '1.0', id: 'e', source: '/w', type: TYPE, data: REQUEST, data_base64: null }],
  ])('is no field: %s', async (_, body) => {
    const sent = only(await new Service().request(body, { messageId: 'm' }));
    expect(sent.message.subject).toBe('vended');
  });

  it('is no field: the operation of a revocation by event', async () => {
    const service = new Service();
    const { id } = bodyOf(only(await service.request(REQUEST, { messageId: 'm-1' })));
    const event = { specversion: '1.0', id: 'e', source: '/w', type: 'x.apikey.revoke.requested.v1' };
    const body = { ...event, data: { operation: null, id } };
    expect(only(await service.request(body, { messageId: 'm-2' })).message.subject).toBe('revoked');
  });
});

it('a command among events of one message that breaks a rule is answered like the others', async () => {
  const service = new Service();
  service.settings = withRule({ callers: { queues: ['orders'], ids: ['events'] } });
  const good = { specversion: '1.0', id: 'good', source: '/w', type: TYPE, data: REQUEST };
  const retries = await service.event([good, { ...good, id: 'bad', data: undefined }]);
  const answers: Sent[] = [];
  for (const { message } of retries) answers.push(only(await service.retry(message)));
  expect(answers.map(({ message }) => message.subject)).toEqual(['vended', 'invalid-request']);
  expect(new Set(answers.map(({ message }) => message.correlationId)).size).toBe(2);
});

it('a messageId that is no idempotency key is refused with the whole rule', async () => {
  const sent = only(await new Service().request(REQUEST, { messageId: 'Bestellung-für-1' }));
  expect(bodyOf(sent).detail).toContain('1 to 128 printable ASCII characters, no space at either end');
});
