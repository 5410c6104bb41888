import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyVaultSamples, SAMPLE_NAME, VALIDATION_SAMPLE } from '../../vending/events/samples.ts';
import { command, counts, other, PORTAL, problem, unreadable, Webhook } from './webhook.ts';

const [[, keyVaultEvent] = []] = keyVaultSamples('Microsoft.KeyVault.SecretNearExpiry').slice(2);

let webhook: Webhook;
beforeEach(() => {
  webhook = new Webhook();
});
afterEach(() => void vi.useRealTimers());

const idsIn = (event: string): unknown[] => webhook.records(event).map(({ eventId }) => eventId);

describe('the log names who sent', () => {
  it('the validation of a subscription', async () => {
    await webhook.post(VALIDATION_SAMPLE);
    expect(webhook.logged.map(({ record }) => record)).toEqual([
      { event: 'event-subscription-validated', caller: PORTAL.id },
    ]);
  });

  it('what is denied', async () => {
    expect(await webhook.post(keyVaultEvent)).toMatchObject({ status: 403 });
    expect(webhook.records('request-denied')).toMatchObject([{ caller: PORTAL.id }]);
    expect(idsIn('event-refused')).toEqual([SAMPLE_NAME.id]);
  });

  it('what is not taken in', async () => {
    webhook.fate = async () => 'not-accepted';
    expect(await webhook.post(command())).toMatchObject({ status: 503 });
    expect(webhook.records('request-failed')).toEqual([
      { event: 'request-failed', problem: 'queue-unavailable', caller: PORTAL.id },
    ]);
  });
});

describe('a delivery of many events', () => {
  it('writes no more records of one kind than anybody would read', async () => {
    const many = Array(30).fill([unreadable(), other(), keyVaultEvent]).flat();
    expect(await webhook.post([...many, command()])).toMatchObject({ status: 200 });
    for (const event of ['event-unreadable', 'event-ignored', 'event-refused']) expect(idsIn(event)).toHaveLength(20);
  });

  it('of which none can be read is answered with the first errors alone', async () => {
    const reply = await webhook.post(Array(30).fill(unreadable()));
    const pointers = Array.from({ length: 20 }, (_, at) => ({ pointer: `/${at}/source` }));
    expect(reply).toMatchObject({ status: 400, jsonBody: { errors: pointers } });
  });

  it('with several validations says that each must come alone', async () => {
    const reply = await webhook.post([...VALIDATION_SAMPLE, ...VALIDATION_SAMPLE]);
    const alone = { pointer: '', detail: 'a validation event must come alone' };
    expect(reply).toMatchObject({
      status: 400,
      jsonBody: { ...problem('invalid-request'), errors: [alone, alone] },
    });
    const ids = VALIDATION_SAMPLE.map(({ id }) => id);
    expect(idsIn('event-unreadable')).toEqual([...ids, ...ids]);
  });
});

it('an id is in the log as far as ids are as long', async () => {
  const [longest, longer] = ['x'.repeat(128), 'x'.repeat(129)];
  await webhook.post([other(longest), other(longer)]);
  expect(idsIn('event-ignored')).toEqual([longest, 'not-printable']);
});

it('a delivery that takes the bus 19 seconds is still taken in', async () => {
  vi.useFakeTimers();
  const { promise, resolve } = Promise.withResolvers<'accepted'>();
  webhook.fate = () => promise;
  const answer = webhook.post(command());
  await vi.advanceTimersByTimeAsync(19_000);
  resolve('accepted');
  expect(await answer).toMatchObject(counts({ accepted: 1 }));
});
