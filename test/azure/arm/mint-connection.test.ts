import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { answering } from './answering.ts';
import { errorAnswer, exampleAnswer, failingCredential, goodCredential, MINT, mint } from './fixtures.ts';
import { type Script, type ScriptedArm, startScriptedArm } from './scripted-arm.ts';

let arm: ScriptedArm;
let keys: ConfluentKeys;

beforeAll(async () => {
  arm = await startScriptedArm();
  keys = createConfluentKeys({ credential: goodCredential, endpoint: arm.endpoint });
});
afterAll(() => arm.close());

/** Plays the script to one mint and counts the POSTs that arrived. */
async function mintAgainst(script: Script, deadlineMs?: number) {
  arm.play(script);
  const outcome = await mint(keys, MINT, deadlineMs);
  return { outcome, posts: arm.posts() };
}

const answer = JSON.stringify({ ...exampleAnswer(), id: 'ONE' });

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
    const { outcome, posts } = await mintAgainst(() => undefined, 1_500);
    expect(outcome).toMatchObject({ kind: 'ambiguous', upstream: { service: 'arm' } });
    expect(posts).toBe(1);
  });

  it('has the whole answer within the deadline or none of it: a slow body', async () => {
    const drip: Script = (res) => {
      res.writeHead(200);
      res.write(JSON.stringify(exampleAnswer()).slice(0, -1));
    };
    const { outcome, posts } = await mintAgainst(drip, 1_500);
    expect(outcome).toMatchObject({ kind: 'ambiguous', upstream: { service: 'arm', status: 200 } });
    expect(posts).toBe(1);
  });

  it('has its connection closed at the deadline, where no answer comes', async () => {
    const closed = Promise.withResolvers<void>();
    await mintAgainst((res) => void res.socket?.once('close', () => closed.resolve()), 500);
    await closed.promise;
  });

  it('never reuses a connection, so that a stale one cannot fake a reset', async () => {
    arm.play(answering(200, exampleAnswer()));
    await mint(keys);
    await mint(keys);
    const [first, second] = arm.seen();
    expect(first?.connection).not.toBe(second?.connection);
  });

  it.each<[string, string]>([
    ['its answer again', `HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\n\r\n${answer}`],
    ['a refusal', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'],
  ])('takes nothing that the server sends unasked for its answer: %s', async (_what, unasked) => {
    arm.play(async (res, ...rest) => {
      const isFirst = arm.posts() === 1;
      const { socket } = res;
      if (isFirst) setTimeout(50).then(() => socket?.write(unasked));
      else await setTimeout(150);
      await answering(200, { ...exampleAnswer(), id: isFirst ? 'ONE' : 'TWO' })(res, ...rest);
    });
    const outcomes = [await mint(keys), await mint(keys)];
    expect(outcomes).toMatchObject([
      { kind: 'minted', key: { id: 'ONE' } },
      { kind: 'minted', key: { id: 'TWO' } },
    ]);
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
    const outcome = await mint(createConfluentKeys({ credential, endpoint: arm.endpoint }));
    expect(outcome).toMatchObject({ kind: 'not-sent', upstream: { service: 'identity' } });
    expect(arm.posts()).toBe(1);
  });
});
