import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { answering } from './answering.ts';
import { errorAnswer, exampleAnswer, failingCredential, goodCredential, MINT } from './fixtures.ts';
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

describe('a mint whose connection fails', () => {
  const halfOfTheAnswer: Script = (res, _request, faults) => {
    const json = JSON.stringify(exampleAnswer());
    res.writeHead(200, { 'content-length': String(json.length) });
    res.write(json.slice(0, -20), () => faults.reset());
  };

  it.each<[string, Script, string]>([
    ['is reset before the answer', (_res, _request, faults) => faults.reset(), 'ECONNRESET'],
    ['is closed before the answer', (res) => res.socket?.destroy(), 'ECONNRESET'],
  ])('%s: nothing is proven', async (_name, script, code) => {
    const { outcome, posts } = await mintAgainst(script);
    expect(outcome).toEqual({ kind: 'ambiguous', upstream: { service: 'arm', code } });
    expect(posts).toBe(1);
  });

  it('is reset within the answer: nothing is proven, and nothing of it is kept', async () => {
    const { outcome, posts } = await mintAgainst(halfOfTheAnswer);
    expect(outcome).toEqual({ kind: 'ambiguous', upstream: { service: 'arm', status: 200 } });
    expect(posts).toBe(1);
  });

  it('has the whole answer within the deadline or none of it: slow headers', async () => {
    const { outcome, posts } = await mintAgainst(() => undefined, 300);
    expect(outcome).toMatchObject({ kind: 'ambiguous', upstream: { service: 'arm' } });
    expect(posts).toBe(1);
  });

  it('has the whole answer within the deadline or none of it: a slow body', async () => {
    const drip: Script = (res) => {
      res.writeHead(200);
      res.write(JSON.stringify(exampleAnswer()).slice(0, -1));
    };
    const { outcome, posts } = await mintAgainst(drip, 300);
    expect(outcome).toMatchObject({ kind: 'ambiguous', upstream: { service: 'arm', status: 200 } });
    expect(posts).toBe(1);
  });

  it('is with a server that nobody vouches for: the request is taken for sent', async () => {
    const { cert, key } = await createCertificates([]);
    const impostor = createHttpsServer({ cert, key }).listen(0, '127.0.0.1');
    await once(impostor, 'listening');
    const { port } = impostor.address() as AddressInfo;
    const client = createConfluentKeys({ credential: goodCredential, endpoint: `https://127.0.0.1:${port}` });
    expect(await client.mint(MINT, DEADLINE_MS)).toEqual({
      kind: 'ambiguous',
      upstream: { service: 'arm', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    });
    impostor.close();
  });

  it('reuses a connection that was in use just now, and none that was idle for a second: a stale one fakes a reset', async () => {
    arm.play(answering(200, exampleAnswer()));
    await keys.mint(MINT, DEADLINE_MS);
    await keys.mint(MINT, DEADLINE_MS);
    await setTimeout(1_100);
    await keys.mint(MINT, DEADLINE_MS);
    const [first, second, third] = arm.seen().map(({ connection }) => connection);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it('waits for an answer for longer than it keeps an idle connection', async () => {
    const { outcome } = await mintAgainst(async (...exchange) => {
      await setTimeout(1_500);
      await answering(200, exampleAnswer())(...exchange);
    });
    expect(outcome.kind).toBe('minted');
  });

  it('leaves a connection alone that was closed after its last answer', async () => {
    arm.play(async (res, ...rest) => {
      res.once('finish', () => res.socket?.end());
      await answering(200, exampleAnswer())(res, ...rest);
    });
    expect((await keys.mint(MINT, DEADLINE_MS)).kind).toBe('minted');
    await setTimeout(100);
    expect((await keys.mint(MINT, DEADLINE_MS)).kind).toBe('minted');
  });
});

describe('a claims challenge', () => {
  const challenge = `Bearer error="insufficient_claims", claims="${btoa('{"access_token":{"nbf":{"essential":true}}}')}"`;
  const refusal = answering(401, errorAnswer('Claims'), { 'www-authenticate': challenge });
  const challenging =
    (then: Script): Script =>
    (...exchange) =>
      (arm.posts() === 1 ? refusal : then)(...exchange);

  it('is answered with a new token: the refused POST is sent again, once', async () => {
    const { outcome, posts } = await mintAgainst(challenging(answering(200, exampleAnswer())));
    expect({ kind: outcome.kind, posts }).toEqual({ kind: 'minted', posts: 2 });
  });

  it.each<[string, Script, object]>([
    ['refused again', answering(401), { kind: 'refused', reason: 'upstream-forbidden' }],
    ['cut', (res) => res.socket?.destroy(), { kind: 'ambiguous' }],
    ['failing', answering(500), { kind: 'ambiguous' }],
  ])('whose second POST is %s ends there', async (_name, script, expected) => {
    const { outcome, posts } = await mintAgainst(challenging(script));
    expect(outcome).toMatchObject(expected);
    expect(posts).toBe(2);
  });

  it('that no token can answer leaves a POST that was refused: nothing is outstanding', async () => {
    arm.play(challenging(answering(200, exampleAnswer())));
    const credential = {
      getToken: (scopes: string | string[], options?: { claims?: string }) =>
        options?.claims === undefined ? goodCredential.getToken(scopes) : failingCredential.getToken(scopes),
    };
    const outcome = await createConfluentKeys({ credential, endpoint: arm.endpoint }).mint(MINT, DEADLINE_MS);
    expect(outcome).toMatchObject({ kind: 'not-sent', upstream: { service: 'identity' } });
    expect(arm.posts()).toBe(1);
  });
});
