import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { connect } from '../src/connect.ts';
import { createHandlers, type Handlers } from '../src/handlers.ts';
import { read } from './config-env.ts';

vi.mock('../src/connect.ts', { spy: true });
const actual = await vi.importActual<typeof import('../src/connect.ts')>('../src/connect.ts');

let done: string[];
let stopping: AbortSignal | undefined;
let tasks: ReturnType<typeof connect>['tasks'];
let handlers: Handlers;

/** Takes a turn of the event loop. */
const doing = async (what: string): Promise<void> => {
  await new Promise<void>((resolve) => void setImmediate(resolve));
  done.push(what);
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  done = [];
  vi.mocked(connect).mockImplementation((config, signal) => {
    const connected = actual.connect(config, signal);
    [stopping, tasks] = [signal, connected.tasks];
    const passing = (name: string) => async (): Promise<boolean> => {
      await doing(name);
      return true;
    };
    return {
      ...connected,
      telemetry: {
        measure: () => undefined,
        span: (_name, _attributes, work) => work(),
        under: () => expect.fail('Nobody traces here.'),
        traceparent: () => undefined,
        close: () => doing('the last export'),
      },
      authenticator: { ...connected.authenticator, warmUp: () => doing('keys of callers') },
      checks: [
        { name: 'token', passes: passing('token') },
        { name: 'vault', passes: passing('vault') },
        { name: 'ledger', passes: passing('ledger') },
      ],
    };
  });
  handlers = createHandlers(read({}));
});
afterEach(() => void vi.useRealTimers());

it('before the first request the keys of callers are fetched, and each service is asked', async () => {
  await handlers.warmUp();
  expect(done).toEqual(['keys of callers', 'token', 'vault', 'ledger']);
});

it('at the end the outbox is hurried at once, and an invocation that hangs leaves a second for the last export', async () => {
  void tasks.track(new Promise<never>(() => undefined));
  let isOver = false;
  const closing = handlers.close().then(() => {
    isOver = true;
  });
  expect(stopping?.aborted).toBe(true);
  await vi.advanceTimersByTimeAsync(3_499);
  expect([done, isOver]).toEqual([[], false]);
  await vi.advanceTimersByTimeAsync(1);
  await closing;
  expect(done).toEqual(['the last export']);
});
