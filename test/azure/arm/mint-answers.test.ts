import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { answering } from './answering.ts';
import { EXAMPLE_KEY, errorAnswer, exampleAnswer, goodCredential, MINT, MINT_PATH, mint, SECRET } from './fixtures.ts';
import { type Script, type ScriptedArm, startScriptedArm } from './scripted-arm.ts';

let arm: ScriptedArm;
let keys: ConfluentKeys;

beforeAll(async () => {
  arm = await startScriptedArm();
  keys = createConfluentKeys({ credential: goodCredential, endpoint: arm.endpoint });
});
afterAll(() => arm.close());

/** Plays the script to one mint and counts the POSTs that arrived. */
async function mintAgainst(script: Script) {
  arm.play(script);
  const outcome = await mint(keys);
  return { outcome, posts: arm.posts() };
}

const compressed =
  (encoding: string, compress: (text: string) => Buffer): Script =>
  (res) =>
    res.writeHead(200, { 'content-encoding': encoding }).end(compress(JSON.stringify(exampleAnswer())));

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
      'user-agent': 'confluent-api-key-vending/development',
      authorization: 'Bearer a-token',
      'content-type': 'application/json',
      accept: 'application/json',
      'accept-encoding': 'identity',
    });
  });

  it.each([
    ['201', answering(201, exampleAnswer()), 'minted'],
    ['202 with the record: accepted is not done', answering(202, exampleAnswer()), 'ambiguous'],
    ['203 with the record', answering(203, exampleAnswer()), 'ambiguous'],
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
    ['200 in gzip', compressed('gzip', gzipSync), 'minted'],
    ['200 in deflate', compressed('deflate', deflateSync), 'minted'],
    ['200 in br', compressed('br', brotliCompressSync), 'minted'],
    ['200 that says gzip and is none', answering(200, 'x', { 'content-encoding': 'gzip' }), 'ambiguous'],
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

describe('a mint that ARM throttles', () => {
  it.each([
    [{ 'retry-after': '17' }, 17_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'Wed, 21 Oct 2015 07:28:30 GMT' }, 30_000],
    [{ 'retry-after': 'Wed, 21 Oct 2015 07:20:00 GMT' }, 0],
    [{ 'retry-after-ms': '250', 'retry-after': '17' }, 250],
    [{ 'x-ms-retry-after-ms': '1250', 'retry-after': '17' }, 1_250],
    [{ 'retry-after-ms': 'soon', 'retry-after': '17' }, 17_000],
    [{ 'retry-after': '1200' }, 1_200_000],
    [{ 'retry-after': '99999999' }, 3_600_000],
    [{ 'retry-after': '1.5' }, 5_000],
    [{ 'retry-after': '-3' }, 5_000],
    [{ 'retry-after': 'soon' }, 5_000],
    [{ 'retry-after': 'Xyz, whenever GMT' }, 5_000],
    [{}, 5_000],
  ] as const)('%j asks for %d ms', async (headers, retryAfterMs) => {
    const clock = { now: () => Date.parse('2015-10-21T07:28:00Z') };
    const patient = createConfluentKeys({ credential: goodCredential, endpoint: arm.endpoint, clock });
    arm.play(answering(429, errorAnswer('TooManyRequests'), headers));
    expect(await mint(patient)).toEqual({
      kind: 'throttled',
      retryAfterMs,
      upstream: { service: 'arm', status: 429, code: 'TooManyRequests', requestId: 'req-1' },
    });
    expect(arm.posts()).toBe(1);
  });
});
