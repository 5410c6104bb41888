import { EventEmitter } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it, type Mock, vi } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import { Connections, type Opening } from '../../../src/azure/arm/connection.ts';
import type { ConfluentKeys } from '../../../src/vending/ports/confluent.ts';
import { exampleAnswer, goodCredential, mint } from './fixtures.ts';
import { httpAnswer, type SeenConnection, startTlsPeer, type TlsPeer } from './peers.ts';

describe('a mint after another', () => {
  const ANSWER = httpAnswer('200 OK', exampleAnswer());
  /** Long enough for a connection on loopback that nobody should open. */
  const A_WHILE_MS = 50;

  let peer: TlsPeer;
  afterEach(() => peer.close());

  async function keysAt(answer = ANSWER): Promise<ConfluentKeys> {
    peer = await startTlsPeer(answer);
    return createConfluentKeys({ credential: goodCredential, endpoint: peer.endpoint });
  }

  const ascending = (a: number, b: number): number => a - b;
  const posts = (): number[] => peer.connections().map((seen) => seen.received().split('POST ').length - 1);

  it('goes over a connection that was open before, and carried nothing', async () => {
    const keys = await keysAt();
    await mint(keys);
    await peer.connection(1);
    expect(posts()).toEqual([1, 0]);
    expect((await mint(keys)).kind).toBe('minted');
    expect(posts()).toEqual([1, 1]);
    await peer.connection(2);
    expect(posts()).toEqual([1, 1, 0]);
  });

  it('of many at a time leaves one connection open, and no connection carries two', async () => {
    const keys = await keysAt();
    await Promise.all([mint(keys), mint(keys), mint(keys)]);
    await peer.connection(3);
    await setTimeout(A_WHILE_MS);
    expect(posts().toSorted(ascending)).toEqual([0, 1, 1, 1]);
    await Promise.all([mint(keys), mint(keys), mint(keys)]);
    await setTimeout(A_WHILE_MS);
    expect(posts().toSorted(ascending)).toEqual([0, 1, 1, 1, 1, 1, 1]);
  });

  it.each<[string, (seen: SeenConnection) => unknown]>([
    ['ended', (seen) => seen.end()],
    ['reset', (seen) => seen.reset()],
  ])('whose connection was %s meanwhile opens its own before it is asked for', async (_how, misbehave) => {
    const keys = await keysAt();
    await mint(keys);
    const ahead = await peer.connection(1);
    await misbehave(ahead);
    await ahead.closed;
    await setTimeout(A_WHILE_MS);
    const connection = keys.openMintConnection();
    await peer.connection(2);
    expect(posts()).toEqual([1, 0, 0]);
    connection.discard();
  });

  it('over whose connection something came unasked goes over another one', async () => {
    const keys = await keysAt();
    await mint(keys);
    const ahead = await peer.connection(1);
    await ahead.say(httpAnswer('200 OK', { ...exampleAnswer(), id: 'UNASKED' }));
    expect((await mint(keys)).kind).toBe('minted');
    expect(posts().slice(0, 3)).toEqual([1, 0, 1]);
  });

  it('that was not answered finds no connection: ARM may not be there', async () => {
    const keys = await keysAt('');
    expect((await mint(keys)).kind).toBe('ambiguous');
    await setTimeout(A_WHILE_MS);
    expect(posts()).toEqual([1]);
  });
});

describe('a connection ahead', () => {
  function opener() {
    const opened: { readonly setTimeout: Mock<TLSSocket['setTimeout']>; readonly destroy: Mock<() => unknown> }[] = [];
    const open = (): Opening => {
      const events = new EventEmitter();
      const destroy = vi.fn(() => events.emit('close'));
      const socket = Object.assign(events, { setTimeout: vi.fn<TLSSocket['setTimeout']>(), destroy });
      opened.push(socket);
      return { socket: socket as unknown as TLSSocket, secured: Promise.resolve() };
    };
    return { opened, connections: new Connections(open) };
  }

  it('is opened once, and taken once', () => {
    const { opened, connections } = opener();
    connections.prepare();
    connections.prepare();
    expect(opened).toHaveLength(1);
    expect(connections.take().socket).toBe(opened[0]);
    expect(connections.take().socket).toBe(opened[1]);
  });

  it('closes after ten idle seconds, and the next one is new', () => {
    const { opened, connections } = opener();
    connections.prepare();
    const [ms, expire] = opened[0]?.setTimeout.mock.calls[0] ?? [];
    expect(ms).toBe(10_000);
    expire?.();
    expect(opened[0]?.destroy).toHaveBeenCalledOnce();
    expect(connections.take().socket).toBe(opened[1]);
  });

  it('is not closed for its idleness once it is taken: ARM may take a minute', () => {
    const { opened, connections } = opener();
    connections.prepare();
    connections.take();
    expect(opened[0]?.setTimeout.mock.lastCall).toEqual([0]);
  });

  it('that closes after it was taken leaves its successor alone', () => {
    const { opened, connections } = opener();
    connections.prepare();
    connections.take();
    connections.prepare();
    opened[0]?.destroy();
    expect(connections.take().socket).toBe(opened[1]);
  });
});
