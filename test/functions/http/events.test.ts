import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  keyVaultSamples,
  SAMPLE_NAME,
  SAMPLE_SECRET,
  VALIDATION_CODE,
  VALIDATION_SAMPLE,
} from '../../vending/events/samples.ts';
import {
  COMMAND,
  command,
  counts,
  EVENT_GRID,
  OPERATOR_ROLE,
  other,
  PORTAL,
  problem,
  requestOf,
  SENDER_ROLE,
  unreadable,
  Webhook,
} from './webhook.ts';

const [[, keyVaultEvent] = []] = keyVaultSamples('Microsoft.KeyVault.SecretNearExpiry').slice(2);
const KEY_VAULT = { kind: 'key-vault', ...SAMPLE_NAME, ...SAMPLE_SECRET };

let webhook: Webhook;
beforeEach(() => {
  webhook = new Webhook();
});
afterEach(() => void vi.useRealTimers());

describe('a caller who is not authenticated', () => {
  it('learns nothing, whatever was sent, and it is not even read', async () => {
    webhook.authentication = { kind: 'rejected', detail: 'The token has expired.' };
    const request = requestOf({
      body: JSON.stringify(VALIDATION_SAMPLE),
      headers: { 'content-type': 'application/json' },
    });
    const reply = await webhook.answer(request);
    expect(reply).toMatchObject({ status: 401, jsonBody: problem('unauthenticated') });
    expect(JSON.stringify(reply)).not.toContain(VALIDATION_CODE);
    expect(request.bodyUsed).toBe(false);
  });

  it('is asked to come again where that cannot be known, for Event Grid drops what is answered 401', async () => {
    webhook.authentication = { kind: 'unavailable', upstream: { service: 'jwks', code: 'ECONNREFUSED' } };
    const reply = await webhook.post(VALIDATION_SAMPLE);
    expect(reply).toMatchObject({ status: 503, headers: { 'Retry-After': '10' } });
    expect(JSON.stringify(reply)).not.toContain(VALIDATION_CODE);
  });
});

describe('a caller whom no rule names', () => {
  const STRANGER = { id: 'entra:tenant:stranger', roles: [] };

  it('may deliver nothing, and it is not even read', async () => {
    const headers = { 'content-type': 'application/json' };
    const request = requestOf({ body: JSON.stringify([command()]), headers });
    expect(await webhook.as(STRANGER).answer(request)).toMatchObject({
      status: 403,
      jsonBody: { ...problem('forbidden'), detail: expect.stringMatching(/24 hours.*quote it\.$/) },
    });
    expect(request.bodyUsed).toBe(false);
    expect(webhook.records('request-denied')).toMatchObject([{ caller: STRANGER.id, transport: 'http' }]);
  });

  it.each([OPERATOR_ROLE, SENDER_ROLE])('may deliver commands with the role %s', async (role) => {
    const reply = await webhook.as({ ...STRANGER, roles: [role] }).post([command()]);
    expect(reply).toMatchObject(counts({ accepted: 1 }));
  });
});

it('the work on an event continues the trace of its delivery', async () => {
  const traceparent = `00-${'4b'.repeat(16)}-${'0a'.repeat(8)}-01`;
  await webhook.post([command()], { traceparent });
  await webhook.post([command()]);
  const [traced, plain] = webhook.taken;
  expect(traced?.traceparent?.slice(3, 35)).toBe('4b'.repeat(16));
  expect(plain?.traceparent?.slice(3, 35)).not.toBe('4b'.repeat(16));
});

describe('the validation of a subscription', () => {
  it('is echoed to an authenticated caller', async () => {
    const reply = await webhook.post(VALIDATION_SAMPLE);
    expect(reply).toMatchObject({ status: 200, jsonBody: { validationResponse: VALIDATION_CODE } });
    expect(webhook.taken).toEqual([]);
  });

  it('is not echoed beside other events', async () => {
    const reply = await webhook.post([...VALIDATION_SAMPLE, command()]);
    expect(reply).toMatchObject(counts({ accepted: 1, unreadable: 1 }));
    expect(JSON.stringify(reply)).not.toContain(VALIDATION_CODE);
  });
});

describe('a delivery', () => {
  it('of commands is taken in as the token’s caller', async () => {
    expect(await webhook.post([command(), command('c-2')])).toMatchObject(counts({ accepted: 2 }));
    expect(webhook.taken).toEqual([{ events: [COMMAND, { ...COMMAND, id: 'c-2' }], caller: PORTAL }]);
  });

  it('of Key Vault’s events is taken in from who holds the role', async () => {
    expect(await webhook.as(EVENT_GRID).post([keyVaultEvent])).toMatchObject(counts({ accepted: 1 }));
    expect(webhook.taken).toEqual([{ events: [KEY_VAULT], caller: EVENT_GRID }]);
  });

  it.each([
    ['alone', [keyVaultEvent]],
    ['beside one that cannot be read', [keyVaultEvent, unreadable()]],
  ])('of Key Vault’s events from anybody else is forbidden: %s', async (_, body) => {
    expect(await webhook.post(body)).toMatchObject({
      status: 403,
      jsonBody: { ...problem('forbidden'), detail: expect.stringMatching(/24 hours.*quote it\.$/) },
    });
    expect(webhook.taken).toEqual([]);
    expect(webhook.records('event-refused')).toMatchObject([{ eventId: SAMPLE_NAME.id }]);
  });

  it.each([
    ['a command', command(), counts({ accepted: 1, refused: 1 }), [COMMAND]],
    ['an event for others', other(), counts({ ignored: 1, refused: 1 }), undefined],
  ])('with %s loses nothing but the Key Vault event that the caller may not send', async (_, event, reply, taken) => {
    expect(await webhook.post([keyVaultEvent, event])).toMatchObject(reply);
    expect(webhook.taken[0]?.events).toEqual(taken);
  });

  it('with events that cannot be read is taken in without them, and they are told by their ids', async () => {
    const reply = await webhook.post([unreadable(), command(), null, unreadable('a b'), other()]);
    expect(reply).toMatchObject(counts({ accepted: 1, ignored: 1, unreadable: 3 }));
    expect(webhook.taken).toMatchObject([{ events: [COMMAND] }]);
    const ids = webhook.records('event-unreadable').map(({ eventId }) => eventId);
    expect(ids).toEqual(['u-1', 'not-printable', 'not-printable']);
    expect(webhook.records('event-ignored')).toMatchObject([{ eventId: 'o-1', eventType: 'com.example.other' }]);
    expect(webhook.records('events-received')).toMatchObject([
      { caller: PORTAL.id, counts: { accepted: 1, ignored: 1, refused: 0, unreadable: 3 } },
    ]);
  });

  it('of which nothing can be read is refused, with what is wrong and where', async () => {
    expect(await webhook.post([unreadable(), 7])).toMatchObject({
      status: 400,
      jsonBody: {
        ...problem('invalid-request'),
        errors: [{ pointer: '/0/source', detail: 'must not be empty' }, { pointer: '/1' }],
      },
    });
    expect(await webhook.post(unreadable())).toMatchObject({
      status: 400,
      jsonBody: { errors: [{ pointer: '/source' }] },
    });
  });

  it('of which nothing is for us, or of nothing, is thanked for', async () => {
    expect(await webhook.post(other())).toMatchObject(counts({ ignored: 1 }));
    expect(await webhook.post([])).toMatchObject(counts({}));
    expect(webhook.taken).toEqual([]);
  });

  it('writes no more records than anybody would read, and no text of the sender’s into them', async () => {
    const hush = 'cflt-hush hush';
    const many = [...Array(49)].flatMap(() => [unreadable(hush), { ...other(hush), type: hush }]);
    await webhook.post([...many, command(hush)]);
    expect(webhook.records('event-unreadable')).toHaveLength(20);
    expect(webhook.records('event-ignored')).toHaveLength(20);
    expect(JSON.stringify(webhook.logged)).not.toContain('hush');
  });
});

describe('a delivery that is not taken in', () => {
  it('is asked for again', async () => {
    webhook.fate = async () => 'not-accepted';
    expect(await webhook.post([command(), other(), unreadable()])).toMatchObject({
      status: 503,
      headers: { 'Retry-After': '10', 'Content-Type': 'application/problem+json; charset=utf-8' },
      jsonBody: problem('queue-unavailable'),
    });
  });

  it('in time is asked for again', async () => {
    // Event Grid waits 30 seconds, of which the signing keys may take five.
    vi.useFakeTimers();
    webhook.fate = () => Promise.withResolvers<'accepted'>().promise;
    const answer = webhook.post(command());
    await vi.advanceTimersByTimeAsync(24_000);
    expect(await Promise.race([answer, 'still waiting'])).toMatchObject({
      status: 503,
      jsonBody: problem('queue-unavailable'),
    });
  });

  it('for a defect is no refusal either: Event Grid would drop it', async () => {
    webhook.fate = () => Promise.reject(new Error('hush'));
    expect(await webhook.post(command())).toMatchObject({ status: 500 });
  });
});
