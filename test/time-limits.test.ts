import { HttpRequest, InvocationContext } from '@azure/functions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { timeLeft } from '../src/azure/deadline.ts';
import { connect } from '../src/connect.ts';
import { createHandlers, type Handlers } from '../src/handlers.ts';
import { read } from './config-env.ts';
import { DEFAULT_TIMINGS } from './vending/world/timings.ts';
import { World } from './vending/world/world.ts';

vi.mock('../src/connect.ts');

const MINUTE = 60_000;
/** The host ends an invocation after this time, and locks are renewed for as long. */
const HOST_MS = 5 * MINUTE;
/** Azure's front end waits for an answer as long as this. */
const FRONT_END_MS = 230_000;

let world: World;
let handlers: Handlers;
/** Milliseconds that the invocation had left when the first of its effects was asked for. */
let left: number | undefined;
const look = (): void => {
  left ??= timeLeft();
};

beforeEach(() => {
  vi.useFakeTimers();
  [world, left] = [new World(), undefined];
  const effects = world.effects();
  const connected: ReturnType<typeof connect> = {
    tasks: { run: effects.backgroundTasks, track: (work) => work, done: async () => undefined },
    clock: { now: Date.now, timeLeft, sleep: async () => undefined },
    effects: {
      ...effects,
      clock: { ...effects.clock, now: Date.now },
      ledger: {
        ...effects.ledger,
        list: (query) => {
          look();
          return effects.ledger.list(query);
        },
      },
    },
    messenger: {
      send: async () => {
        look();
        return { kind: 'sent' };
      },
      sendLater: async () => ({ kind: 'sent' }),
      close: async () => undefined,
    },
    telemetry: undefined,
    authenticator: {
      authenticate: async () => {
        look();
        return { kind: 'authenticated', caller: { id: 'entra:t:operator', roles: ['KeyVending.Operator'] } };
      },
      warmUp: async () => undefined,
    },
    checks: [
      { name: 'token', passes: async () => true },
      { name: 'vault', passes: async () => true },
      { name: 'ledger', passes: async () => true },
    ],
  };
  vi.mocked(connect).mockReturnValue(connected);
  handlers = createHandlers(read({ MODE: 'paused' }));
});
afterEach(() => void vi.useRealTimers());

const context = (): InvocationContext =>
  new InvocationContext({
    triggerMetadata: { lockToken: 'l', sequenceNumber: 1 },
    logHandler: () => undefined,
  });
const posting = (path: string): HttpRequest =>
  new HttpRequest({
    method: 'POST',
    url: `http://localhost/api/v1/${path}`,
    headers: { 'content-type': 'application/json' },
    body: { string: '{}' },
  });
const tick = {
  isPastDue: false,
  schedule: { adjustForDST: false },
  scheduleStatus: { last: '', next: '', lastUpdated: '' },
};

describe('an invocation ends before what runs it loses patience', () => {
  it.each<[string, number, () => unknown]>([
    ['HTTP: the front end', FRONT_END_MS, () => handlers.http.vendKey(posting('credentials'), context())],
    ['a request queue: the host', HOST_MS, () => handlers.requests('requests')(Buffer.from('{}'), context())],
    ['the retry queue: the host', HOST_MS, () => handlers.retries(Buffer.from('{}'), context())],
    ['the event queue: the host', HOST_MS, () => handlers.events('events')(Buffer.from('{}'), context())],
    ['the timer: the host', HOST_MS, () => handlers.reconcile(tick, context())],
  ])('%s', async (_trigger, patienceMs, invoke) => {
    await invoke();
    // Enough to say how it ended.
    expect(left).toBeLessThanOrEqual(patienceMs - 10_000);
    // Lease, settling and the commits of a whole attempt.
    expect(left).toBeGreaterThan(DEFAULT_TIMINGS.leaseMs);
  });
});

it('a recovery waits until the longest invocation of an earlier instance is over, and its key would be seen', async () => {
  await handlers.requests('requests')(Buffer.from('{}'), context());
  const longest = left ?? 0;
  const recover = async () => {
    const reply = await handlers.http.recoverLedger(posting('operations/recover'), context());
    return typeof reply === 'object' && reply !== null && 'status' in reply ? reply.status : undefined;
  };
  const { settleMs } = DEFAULT_TIMINGS;
  await vi.advanceTimersByTimeAsync(longest + settleMs + 4 * MINUTE - 1_000);
  expect(await recover()).toBe(503);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await recover()).toBe(200);
});
