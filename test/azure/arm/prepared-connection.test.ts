import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { EXAMPLE_KEY, exampleAnswer, failingCredential, goodCredential, MINT, mint } from './fixtures.ts';
import { httpAnswer, type SeenConnection, startTlsPeer, type TlsPeer } from './peers.ts';

const DEADLINE_MS = 10_000;
const ANSWER = httpAnswer('200 OK', exampleAnswer());

let peer: TlsPeer;
afterEach(() => peer.close());

async function keysOf(): Promise<ConfluentKeys> {
  peer = await startTlsPeer(ANSWER);
  return createConfluentKeys({ credential: goodCredential, endpoint: peer.endpoint });
}

const received = (): string[] => peer.connections().map((seen) => seen.received());
const isOnePost = (text: string): boolean => text.split('POST ').length === 2 && text.startsWith('POST ');

describe('a connection that waits for its mint', () => {
  it('is open before the mint is asked for, carries nothing, and then the one POST', async () => {
    const connection = (await keysOf()).openMintConnection();
    await peer.connection(0);
    expect(received()).toEqual(['']);
    expect(await connection.mint(MINT, DEADLINE_MS)).toMatchObject({ kind: 'minted', key: { id: EXAMPLE_KEY.id } });
    expect(received()).toEqual([expect.toSatisfy(isOnePost)]);
  });

  it('is closed when it is not needed, and carried nothing', async () => {
    const connection = (await keysOf()).openMintConnection();
    const seen = await peer.connection(0);
    connection.discard();
    await seen.closed;
    expect(received()).toEqual(['']);
  });

  it('is closed where its target belongs into no path, and carried nothing', async () => {
    const connection = (await keysOf()).openMintConnection();
    const seen = await peer.connection(0);
    const target = { ...MINT.target, clusterId: '..' };
    expect(await connection.mint({ ...MINT, target }, DEADLINE_MS)).toMatchObject({
      upstream: { service: 'arm', code: 'IllegalPathSegment' },
    });
    await seen.closed;
    expect(received()).toEqual(['']);
  });

  it('is closed after its mint', async () => {
    await mint(await keysOf());
    await peer.connections()[0]?.closed;
    expect(received()[0]).toSatisfy(isOnePost);
  });

  it('sends nothing after it was discarded, and nothing is opened instead', async () => {
    const connection = (await keysOf()).openMintConnection();
    const seen = await peer.connection(0);
    connection.discard();
    expect(await connection.mint(MINT, DEADLINE_MS)).toEqual({
      kind: 'not-sent',
      upstream: { service: 'arm', code: 'ConnectionUnusable' },
    });
    await seen.closed;
    expect(received()).toEqual(['']);
  });

  it('stands a token that fails before the mint is asked for: nobody waits for it yet', async () => {
    peer = await startTlsPeer(ANSWER);
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const connection = createConfluentKeys({
      credential: failingCredential,
      endpoint: peer.endpoint,
    }).openMintConnection();
    await peer.connection(0);
    await setTimeout(20);
    expect(await connection.mint(MINT, DEADLINE_MS)).toMatchObject({
      kind: 'not-sent',
      upstream: { service: 'identity' },
    });
    process.off('unhandledRejection', note);
    expect([unhandled, received()]).toEqual([[], ['']]);
  });

  it('takes its token with it: none is waited for when the mint is asked for', async () => {
    peer = await startTlsPeer(ANSWER);
    let asked = 0;
    const getToken = (scopes: string | string[]) => {
      asked += 1;
      return goodCredential.getToken(scopes);
    };
    const connection = createConfluentKeys({
      credential: { getToken },
      endpoint: peer.endpoint,
    }).openMintConnection();
    expect(asked).toBe(1);
    await connection.mint(MINT, DEADLINE_MS);
    expect(asked).toBe(1);
  });

  it('resumes the session of the one before', async () => {
    const keys = await keysOf();
    await mint(keys);
    await mint(keys);
    const [first, second] = peer.connections();
    expect([first?.isResumed, second?.isResumed]).toEqual([false, true]);
  });
});

describe('a peer that does something to the idle connection', () => {
  it.each<[string, (seen: SeenConnection) => unknown]>([
    ['ends it', (seen) => seen.end()],
    ['resets it', (seen) => seen.reset()],
    ['answers what nobody asked', (seen) => seen.say(httpAnswer('200 OK', { ...exampleAnswer(), id: 'UNASKED' }))],
    ['refuses what nobody asked', (seen) => seen.say(httpAnswer('400 Bad Request', {}))],
    ['says that nothing came, and ends it', (seen) => seen.end('HTTP/1.1 408 T\r\n\r\n')],
  ])('%s: the POST goes over another one', async (_name, misbehave) => {
    const connection = (await keysOf()).openMintConnection();
    await misbehave(await peer.connection(0));
    expect(await connection.mint(MINT, DEADLINE_MS)).toMatchObject({ kind: 'minted', key: { id: EXAMPLE_KEY.id } });
    expect(received()).toEqual(['', expect.toSatisfy(isOnePost)]);
  });

  it('resets it, and nobody asks for the mint: the process lives on', async () => {
    const connection = (await keysOf()).openMintConnection();
    const seen = await peer.connection(0);
    seen.reset();
    await seen.closed;
    connection.discard();
  });
});

describe('a mint that is asked for twice', () => {
  it('is sent once: the second proves nothing', async () => {
    const connection = (await keysOf()).openMintConnection();
    expect((await connection.mint(MINT, DEADLINE_MS)).kind).toBe('minted');
    expect((await connection.mint(MINT, DEADLINE_MS)).kind).toBe('ambiguous');
    expect(received()).toEqual([expect.toSatisfy(isOnePost)]);
  });

  it('is sent once when both are asked for at the same time', async () => {
    const connection = (await keysOf()).openMintConnection();
    const outcomes = await Promise.all([connection.mint(MINT, DEADLINE_MS), connection.mint(MINT, DEADLINE_MS)]);
    expect(outcomes.filter(({ kind }) => kind === 'minted').length).toBeLessThanOrEqual(1);
    expect(outcomes.map(({ kind }) => kind)).not.toContain('not-sent');
    expect(received().filter((text) => text !== '')).toEqual([expect.toSatisfy(isOnePost)]);
  });
});

describe('after the request was handed over', () => {
  const channel = 'http.client.request.start';

  it.each(['EPIPE', 'ETIMEDOUT', 'ECONNRESET', 'ECONNREFUSED', 'ENOTFOUND', 'CERT_HAS_EXPIRED'])(
    '%s proves nothing',
    async (code) => {
      const keys = await keysOf();
      let requests = 0;
      const fail = (message: unknown): void => {
        requests += 1;
        const { request } = message as { request: ClientRequest };
        request.destroy(Object.assign(new Error('from the socket'), { code }));
      };
      subscribe(channel, fail);
      const outcome = await mint(keys).finally(() => unsubscribe(channel, fail));
      expect(outcome).toEqual({ kind: 'ambiguous', upstream: { service: 'arm', code } });
      expect(requests).toBe(1);
    },
  );
});
