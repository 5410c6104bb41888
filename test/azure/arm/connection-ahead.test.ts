import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { exampleAnswer, goodCredential, MINT, mint } from './fixtures.ts';
import { httpAnswer, type SeenConnection, startTcpPeer, startTlsPeer, type TlsPeer } from './peers.ts';

/** Long enough for a connection on loopback, and for this process to learn what its peer knows. */
const A_WHILE_MS = 50;

describe('a mint after another', () => {
  const ANSWER = httpAnswer('200 OK', exampleAnswer());

  let peer: TlsPeer;
  afterEach(() => peer.close());

  async function keysAt(answer = ANSWER): Promise<ConfluentKeys> {
    peer = await startTlsPeer(answer);
    return createConfluentKeys({ credential: goodCredential, endpoint: peer.endpoint });
  }

  async function ahead(index: number): Promise<SeenConnection> {
    const seen = await peer.connection(index);
    await setTimeout(A_WHILE_MS);
    return seen;
  }

  const ascending = (a: number, b: number): number => a - b;
  const posts = (): number[] => peer.connections().map((seen) => seen.received().split('POST ').length - 1);

  it('goes over a connection that was open before, and carried nothing', async () => {
    const keys = await keysAt();
    await mint(keys);
    await ahead(1);
    expect(posts()).toEqual([1, 0]);
    expect((await mint(keys)).kind).toBe('minted');
    expect(posts()).toEqual([1, 1]);
    await ahead(2);
    expect(posts()).toEqual([1, 1, 0]);
  });

  it('of many at a time leaves one connection open, and no connection carries two', async () => {
    const keys = await keysAt();
    await Promise.all([mint(keys), mint(keys), mint(keys)]);
    await ahead(3);
    expect(posts().toSorted(ascending)).toEqual([0, 1, 1, 1]);
    await Promise.all([mint(keys), mint(keys), mint(keys)]);
    await setTimeout(A_WHILE_MS);
    expect(posts().toSorted(ascending)).toEqual([0, 1, 1, 1, 1, 1, 1]);
  });

  it.each<[string, (seen: SeenConnection) => unknown]>([
    ['was ended', (seen) => seen.end()],
    ['was reset', (seen) => seen.reset()],
    ['brought no TLS', (seen) => seen.garble()],
  ])('whose connection %s meanwhile opens its own before it is asked for', async (_how, misbehave) => {
    const keys = await keysAt();
    await mint(keys);
    await misbehave(await ahead(1));
    await setTimeout(A_WHILE_MS);
    const connection = keys.openMintConnection();
    await peer.connection(2);
    expect(posts()).toEqual([1, 0, 0]);
    expect((await connection.mint(MINT, 10_000)).kind).toBe('minted');
    expect(posts().slice(0, 3)).toEqual([1, 0, 1]);
  });

  it('over whose connection something came unasked goes over another one', async () => {
    const keys = await keysAt();
    await mint(keys);
    await (await ahead(1)).say(httpAnswer('200 OK', { ...exampleAnswer(), id: 'UNASKED' }));
    expect((await mint(keys)).kind).toBe('minted');
    expect(posts().slice(0, 3)).toEqual([1, 0, 1]);
  });

  it('that lost its own connection opens another: what is ahead may be as old', async () => {
    const keys = await keysAt();
    const connection = keys.openMintConnection();
    const lost = await peer.connection(0);
    await mint(keys);
    await ahead(2);
    await lost.end();
    expect((await connection.mint(MINT, 10_000)).kind).toBe('minted');
    expect(posts().slice(0, 4)).toEqual([0, 1, 0, 1]);
  });

  it('does not wait for the connection that is opened for the next one', async () => {
    const keys = await keysAt();
    let opened = 0;
    const count = (): void => void opened++;
    subscribe('net.client.socket', count);
    await mint(keys);
    const before = opened;
    await ahead(1);
    unsubscribe('net.client.socket', count);
    expect([before, opened]).toEqual([1, 2]);
  });

  it.each(['400 Bad Request', '429 Too Many Requests', '503 Service Unavailable'])(
    'that was answered with %s finds a connection too: ARM is there',
    async (status) => {
      const keys = await keysAt(httpAnswer(status, {}));
      await mint(keys);
      await ahead(1);
      expect(posts()).toEqual([1, 0]);
    },
  );

  it('that was not answered finds none: ARM may not be there', async () => {
    const keys = await keysAt('');
    expect((await mint(keys)).kind).toBe('ambiguous');
    await setTimeout(A_WHILE_MS);
    expect(posts()).toEqual([1]);
  });
});

it('a mint that was not sent opens no connection for the next one', async () => {
  const peer = await startTcpPeer((socket) => socket.destroy());
  const keys = createConfluentKeys({ credential: goodCredential, endpoint: peer.endpoint });
  expect((await mint(keys)).kind).toBe('not-sent');
  const tried = peer.connections();
  await setTimeout(A_WHILE_MS);
  expect(peer.connections()).toBe(tried);
  await peer.close();
});
