import { app } from '@azure/functions';
import { beforeAll, expect, it, vi } from 'vitest';
import { REQUIRED } from './config-env.ts';

const done: string[] = [];
const handled: unknown[][] = [];
const handle = async (...given: unknown[]): Promise<string> => {
  handled.push(given);
  return 'handled';
};

vi.mock('@azure/functions', async (original) => {
  const library = await original<typeof import('@azure/functions')>();
  const mocked = { http: vi.fn(), serviceBusQueue: vi.fn(), timer: vi.fn(), hook: { appTerminate: vi.fn() } };
  return { ...library, app: mocked };
});
vi.mock('../src/handlers.ts', () => ({
  createHandlers: () => ({
    http: new Proxy(
      {},
      {
        get:
          (_, name) =>
          (...given: unknown[]) =>
            handle(name, ...given),
      },
    ),
    requests:
      (queue: string) =>
      (...given: unknown[]) =>
        handle(`requests of ${queue}`, ...given),
    retries: (...given: unknown[]) => handle('retries', ...given),
    events:
      (queue: string) =>
      (...given: unknown[]) =>
        handle(`events of ${queue}`, ...given),
    reconcile: (...given: unknown[]) => handle('reconcile', ...given),
    close: () => void done.push('closed'),
    warmUp: () => void done.push('warmed up'),
  }),
}));

beforeAll(async () => {
  for (const [name, value] of Object.entries({
    ...REQUIRED,
    REQUEST_QUEUES: 'orders,team-b',
    EVENT_QUEUE: 'events',
    MODE: 'normal',
  }))
    vi.stubEnv(name, value);
  await import('../src/index.ts');
  for (const register of [app.http, app.serviceBusQueue, app.timer])
    triggers.push(...(callsOf(register) as unknown as typeof triggers));
  terminate = callsOf(app.hook.appTerminate)[0]?.[0] as typeof terminate;
});

interface Trigger {
  readonly handler: (...given: unknown[]) => Promise<unknown>;
}
const triggers: [name: string, options: Trigger][] = [];
let terminate: (() => Promise<void>) | undefined;

const callsOf = (mock: unknown): readonly (readonly unknown[])[] => vi.mocked(mock as () => void).mock.calls;

it('every trigger is registered as the host and its callers know it', () => {
  const lines = triggers.map(([name, { handler: _, ...options }]) => `${name} ${JSON.stringify(options)}`);
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "live {"authLevel":"anonymous","methods":["GET"],"route":"health/live"}
    ready {"authLevel":"anonymous","methods":["GET"],"route":"health/ready"}
    vendKey {"authLevel":"anonymous","methods":["POST"],"route":"v1/credentials"}
    listCredentials {"authLevel":"anonymous","methods":["GET"],"route":"v1/credentials"}
    getCredential {"authLevel":"anonymous","methods":["GET"],"route":"v1/credentials/{id}"}
    revokeCredential {"authLevel":"anonymous","methods":["DELETE"],"route":"v1/credentials/{id}"}
    rotateKey {"authLevel":"anonymous","methods":["POST"],"route":"v1/credentials/{id}/rotate"}
    endOverlap {"authLevel":"anonymous","methods":["POST"],"route":"v1/credentials/{id}/end-overlap"}
    receiveEvents {"authLevel":"anonymous","methods":["POST"],"route":"v1/events"}
    agreeToEvents {"authLevel":"anonymous","methods":["OPTIONS"],"route":"v1/events"}
    listOpenCredentials {"authLevel":"anonymous","methods":["GET"],"route":"v1/operations/credentials"}
    beginBulk {"authLevel":"anonymous","methods":["POST"],"route":"v1/operations/bulk"}
    getBulk {"authLevel":"anonymous","methods":["GET"],"route":"v1/operations/bulk/{id}"}
    controlBulk {"authLevel":"anonymous","methods":["POST"],"route":"v1/operations/bulk/{id}"}
    recoverLedger {"authLevel":"anonymous","methods":["POST"],"route":"v1/operations/recover"}
    findKey {"authLevel":"anonymous","methods":["GET"],"route":"v1/operations/keys/{apiKeyId}"}
    resolveCredential {"authLevel":"anonymous","methods":["POST"],"route":"v1/operations/credentials/{id}/resolve"}
    openapi {"authLevel":"anonymous","methods":["GET"],"route":"v1/openapi.json"}
    requestsOrders {"dataType":"binary","connection":"ServiceBusConnection","queueName":"orders"}
    requestsTeamB {"dataType":"binary","connection":"ServiceBusConnection","queueName":"team-b"}
    retries {"dataType":"binary","connection":"ServiceBusConnection","queueName":"retries"}
    events {"dataType":"binary","connection":"ServiceBusConnection","queueName":"events"}
    reconcile {"schedule":"0 * * * * *"}"
  `);
});

it('every trigger leads to its own handler, with all that it was given', async () => {
  const led: unknown[] = [];
  for (const [name, { handler }] of triggers) {
    const before = handled.length;
    expect(await handler('given', 'context')).toBe('handled');
    const [to, ...given] = handled[before] ?? [];
    expect(given).toEqual(['given', 'context']);
    if (to !== name) led.push([name, to]);
  }
  expect(led).toEqual([
    ['requestsOrders', 'requests of orders'],
    ['requestsTeamB', 'requests of team-b'],
    ['events', 'events of events'],
  ]);
});

it('what can be loaded is loaded before the first request, and closed at the end', async () => {
  await vi.waitFor(() => expect(done).toEqual(['warmed up']));
  await terminate?.();
  expect(done).toEqual(['warmed up', 'closed']);
});
