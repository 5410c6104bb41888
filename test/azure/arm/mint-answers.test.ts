import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { answering } from './answering.ts';
import { EXAMPLE_KEY, errorAnswer, exampleAnswer, goodCredential, MINT, MINT_PATH, SECRET } from './fixtures.ts';
import { type Script, type ScriptedArm, startScriptedArm } from './scripted-arm.ts';

const DEADLINE_MS = 10_000;

let arm: ScriptedArm;
let keys: ConfluentKeys;

beforeAll(async () => {
  arm = await startScriptedArm();
  keys = createConfluentKeys({ credential: goodCredential, endpoint: arm.endpoint });
});
afterAll(() => arm.close());

/** Plays the script to one mint and counts the POSTs that arrived. */
async function mintAgainst(script: Script, deadlineMs = DEADLINE_MS) {
  arm.play(script);
  const outcome = await keys.mint(MINT, deadlineMs);
  return { outcome, posts: arm.posts() };
}

describe('a mint that ARM answers', () => {
  it('sends the published request and hands back the whole record but the secret', async () => {
    const { outcome } = await mintAgainst(answering(200, exampleAnswer()));
    expect(outcome).toMatchObject({ kind: 'minted', upstream: { service: 'arm', status: 200, requestId: 'req-1' } });
    if (outcome.kind !== 'minted') throw new Error('not minted');
    expect(outcome.key).toEqual(EXAMPLE_KEY);
    expect(outcome.secret.reveal()).toBe(SECRET);
    const [request] = arm.seen();
    expect(request).toMatchObject({ method: 'POST', url: MINT_PATH });
    expect(JSON.parse(request?.body ?? '')).toEqual({ name: MINT.name, description: MINT.description });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer a-token',
      'content-type': 'application/json',
      accept: 'application/json',
    });
  });

  it.each([
    ['201', answering(201, exampleAnswer()), 'minted'],
    ['202 with the record', answering(202, exampleAnswer()), 'minted'],
    ['the published example, whose secret is empty', answering(200, exampleAnswer('')), 'no-secret'],
    ['a blank secret', answering(200, exampleAnswer(' \n')), 'no-secret'],
    ['a secret that is no string', answering(200, exampleAnswer({ value: SECRET })), 'no-secret'],
    ['an id and nothing else', answering(200, { id: EXAMPLE_KEY.id }), 'no-secret'],
    ['an id and properties that are null', answering(200, { id: EXAMPLE_KEY.id, properties: null }), 'no-secret'],
    ['a secret but no id', answering(200, { ...exampleAnswer(), id: undefined }), 'ambiguous'],
    ['an id that climbs', answering(200, { ...exampleAnswer(), id: '..' }), 'ambiguous'],
    ['an id with a slash', answering(200, { ...exampleAnswer(), id: 'a/b' }), 'ambiguous'],
    ['an id of 65 characters', answering(200, { ...exampleAnswer(), id: 'A'.repeat(65) }), 'ambiguous'],
    ['200 with null', answering(200, 'null'), 'ambiguous'],
    ['200 with nothing', answering(200), 'ambiguous'],
    ['204', answering(204), 'ambiguous'],
    ['200 with HTML', answering(200, '<html>proxy</html>'), 'ambiguous'],
    ['200 with half of the JSON', answering(200, JSON.stringify(exampleAnswer()).slice(0, 700)), 'ambiguous'],
    ['200 with more than 64 KiB', answering(200, { ...exampleAnswer(), more: 'x'.repeat(65_536) }), 'ambiguous'],
    ['200 compressed unasked', answering(200, 'x', { 'content-encoding': 'gzip' }), 'ambiguous'],
  ] as const)('%s', async (_name, script, kind) => {
    const { outcome, posts } = await mintAgainst(script);
    expect({ kind: outcome.kind, posts }).toEqual({ kind, posts: 1 });
  });

  it('takes bytes that are not UTF-8 for unreadable, lest a damaged secret be stored', async () => {
    const body = Buffer.from(JSON.stringify(exampleAnswer()).replace('cflt', 'cf\u00ff'), 'latin1');
    const { outcome } = await mintAgainst((res) => res.writeHead(200).end(body));
    expect(outcome.kind).toBe('ambiguous');
  });

  it('drops optional fields that are malformed, and fields that it does not know', async () => {
    const answer = {
      id: EXAMPLE_KEY.id,
      kind: 7,
      properties: {
        metadata: { ...EXAMPLE_KEY.metadata, self: ['x'], surprise: SECRET },
        spec: { ...EXAMPLE_KEY.spec, owner: 'sa-1', secret: SECRET, password: SECRET },
      },
    };
    const { outcome } = await mintAgainst(answering(200, answer));
    const { self: _self, ...metadata } = EXAMPLE_KEY.metadata;
    const { owner: _owner, ...spec } = EXAMPLE_KEY.spec;
    expect(outcome).toMatchObject({ kind: 'minted' });
    expect('key' in outcome && outcome.key).toStrictEqual({ id: EXAMPLE_KEY.id, metadata, spec });
  });
});

describe('a mint that ARM refuses', () => {
  it.each([
    [400, 'upstream-refused'],
    [401, 'upstream-forbidden'],
    [402, 'quota-exhausted'],
    [403, 'upstream-forbidden'],
    [404, 'target-not-found'],
    [405, 'upstream-refused'],
    [413, 'upstream-refused'],
    [415, 'upstream-refused'],
    [422, 'upstream-refused'],
  ] as const)('%d is a proven refusal: %s', async (status, reason) => {
    const { outcome, posts } = await mintAgainst(answering(status, errorAnswer('SomeCode')));
    expect(outcome).toEqual({
      kind: 'refused',
      reason,
      upstream: { service: 'arm', status, code: 'SomeCode', requestId: 'req-1' },
    });
    expect(posts).toBe(1);
  });

  it('knows an exhausted quota by its wording', async () => {
    const text = 'API keys per service account is currently limited to 100.';
    const { outcome } = await mintAgainst(answering(400, errorAnswer('BadRequest', text)));
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'quota-exhausted' });
    expect(JSON.stringify(outcome)).not.toContain('limited');
  });

  it('goes by the status alone when the body of a refusal breaks off', async () => {
    const { outcome } = await mintAgainst((res) => {
      res.writeHead(404, { 'content-length': '500' });
      res.write('{"error":', () => res.destroy());
    });
    expect(outcome).toEqual({ kind: 'refused', reason: 'target-not-found', upstream: { service: 'arm', status: 404 } });
  });

  it.each([100_000, 'not a code!', SECRET, { text: 'x' }])('drops the error code %j', async (code) => {
    const { outcome } = await mintAgainst(answering(400, { error: { code } }));
    expect(outcome.upstream).toEqual({ service: 'arm', status: 400, requestId: 'req-1' });
  });

  it.each([300, 304, 307, 308, 406, 408, 409, 410, 412, 418, 499, 500, 501, 502, 503, 504, 599])(
    '%d proves nothing, and is not tried again',
    async (status) => {
      const { outcome, posts } = await mintAgainst(
        answering(status, undefined, { location: `${arm.endpoint}${MINT_PATH}`, 'retry-after': '0' }),
      );
      expect(outcome).toEqual({ kind: 'ambiguous', upstream: { service: 'arm', status, requestId: 'req-1' } });
      expect(posts).toBe(1);
    },
  );
});

describe('a mint that ARM throttles', () => {
  it.each([
    [{ 'retry-after': '17' }, 17_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'Wed, 21 Oct 2015 07:28:30 GMT' }, 30_000],
    [{ 'retry-after': 'Wed, 21 Oct 2015 07:20:00 GMT' }, 0],
    [{ 'retry-after-ms': '250', 'retry-after': '17' }, 250],
    [{ 'x-ms-retry-after-ms': '1250', 'retry-after': '17' }, 1_250],
    [{ 'retry-after-ms': 'soon', 'retry-after': '17' }, 17_000],
    [{ 'retry-after': '7200' }, 7_200_000],
    [{ 'retry-after': '99999999' }, 7 * 86_400_000],
    [{ 'retry-after': '1.5' }, 5_000],
    [{ 'retry-after': '-3' }, 5_000],
    [{ 'retry-after': 'soon' }, 5_000],
    [{ 'retry-after': 'Xyz, whenever GMT' }, 5_000],
    [{}, 5_000],
  ] as const)('%j asks for %d ms', async (headers, retryAfterMs) => {
    const clock = { now: () => Date.parse('2015-10-21T07:28:00Z') };
    const patient = createConfluentKeys({ credential: goodCredential, endpoint: arm.endpoint, clock });
    arm.play(answering(429, errorAnswer('TooManyRequests'), headers));
    expect(await patient.mint(MINT, DEADLINE_MS)).toEqual({
      kind: 'throttled',
      retryAfterMs,
      upstream: { service: 'arm', status: 429, code: 'TooManyRequests', requestId: 'req-1' },
    });
    expect(arm.posts()).toBe(1);
  });
});
