import { EventEmitter } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, type Mock, vi } from 'vitest';
import { Connections, type Opening } from '../../../src/azure/arm/connection.ts';

describe('a connection ahead', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function opener() {
    const opened: { readonly destroy: Mock<() => unknown> }[] = [];
    const secure: (() => void)[] = [];
    const open = (): Opening => {
      const events = new EventEmitter();
      const socket = Object.assign(events, { destroy: vi.fn(() => events.emit('close')) });
      opened.push(socket);
      const { promise: secured, resolve } = Promise.withResolvers<void>();
      secure.push(resolve);
      return { socket: socket as unknown as TLSSocket, secured };
    };
    const connections = new Connections(open);
    const prepare = async (): Promise<void> => {
      connections.prepare();
      secure.at(-1)?.();
      await vi.advanceTimersByTimeAsync(0);
    };
    return { opened, connections, prepare };
  }

  it('is opened once, and taken once', async () => {
    const { opened, connections, prepare } = opener();
    await prepare();
    await prepare();
    expect(opened).toHaveLength(1);
    expect(connections.take().socket).toBe(opened[0]);
    expect(connections.take().socket).toBe(opened[1]);
  });

  it('closes after two seconds, and the next one is new', async () => {
    const { opened, connections, prepare } = opener();
    await prepare();
    vi.advanceTimersByTime(1_999);
    expect(opened[0]?.destroy).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(opened[0]?.destroy).toHaveBeenCalledOnce();
    expect(connections.take().socket).toBe(opened[1]);
  });

  it('is not taken after two seconds where its timer is late, as in a process that was stopped', async () => {
    const { opened, connections, prepare } = opener();
    await prepare();
    vi.setSystemTime(Date.now() + 2_000);
    expect(connections.take().socket).toBe(opened[1]);
  });

  it('is not closed once it is taken: ARM may take a minute', async () => {
    const { opened, connections, prepare } = opener();
    await prepare();
    connections.take();
    vi.advanceTimersByTime(60_000);
    expect(opened[0]?.destroy).not.toHaveBeenCalled();
  });

  it('is not taken before its handshake is over, and closes if that hangs', () => {
    const { opened, connections } = opener();
    connections.prepare();
    expect(connections.take().socket).toBe(opened[1]);
    connections.prepare();
    expect(opened).toHaveLength(2);
    vi.advanceTimersByTime(2_000);
    expect(opened[0]?.destroy).toHaveBeenCalledOnce();
    connections.prepare();
    expect(opened).toHaveLength(3);
  });

  it('that closes after it was taken leaves its successor alone', async () => {
    const { opened, connections, prepare } = opener();
    await prepare();
    connections.take();
    await prepare();
    opened[0]?.destroy();
    expect(connections.take().socket).toBe(opened[1]);
  });
});
