import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type HostProcess, launchHost } from '../../../src/sandbox/host/launch.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { startBroker } from '../../../src/sandbox/servicebus/index.ts';
import { FIXTURE, type FixtureHost, startFixture } from './running-host.ts';

const running: FixtureHost[] = [];

async function start(env?: Record<string, string>): Promise<FixtureHost> {
  const fixture = await startFixture(env);
  running.push(fixture);
  return fixture;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(({ host }) => host.kill()));
});

describe('start-up', () => {
  it('tells which functions are served and where', async () => {
    const { host, lines } = await start();
    expect(host.functions).toContainEqual({
      name: 'numbers',
      trigger: 'http',
      route: 'api/numbers/{n:int:range(1,10)}',
      methods: ['GET'],
    });
    expect(lines).toContain('hook appStart object');
  });

  it('of an app that fails leaves a host without functions, which shows one line of the error', async () => {
    const { host, logged } = await start({ FAIL_TO_LOAD: 'KEY_VAULT_URL: missing\nLEDGER_TABLE_NAME: missing' });
    const reported = 'Worker was unable to load entry point "index.cjs": KEY_VAULT_URL: missing';
    expect([host.functions, host.startError]).toEqual([[], `${reported}\nLEDGER_TABLE_NAME: missing`]);
    expect(JSON.parse(await logged('"message":"Worker was unable'))).toMatchObject({
      level: 'error',
      message: reported,
    });
    expect((await fetch(`${host.url}/api/numbers/7`)).status).toBe(404);
    expect(await host.stop()).toBe(0);
  });

  it('of an app that fails before it registers a function reports nothing to the host', async () => {
    const { host, logged } = await start({ FAIL_TO_LOAD: 'KEY_VAULT_URL: missing', REGISTER_NOTHING: '1' });
    expect([host.functions, host.startError]).toEqual([[], undefined]);
    // The worker's own stderr.
    expect(await logged('KEY_VAULT_URL')).toBe('Error: KEY_VAULT_URL: missing');
  });

  it.each([
    [{ EVENT_GRID: '1' }, "The 'events' function is in error: triggers of type 'eventGridTrigger' are not emulated."],
    [{ QUEUE: 'q' }, "The Service Bus connection 'Bus' is missing: set Bus or Bus__fullyQualifiedNamespace."],
    [{ QUEUE: 'q', Bus: 'SharedAccessKey=hush' }, /^The app setting Bus is not a Service Bus connection string\.$/],
    [{ SCHEDULE: '* * * * *' }, "'* * * * *' is not an NCRONTAB expression of six fields that ever occurs."],
    [
      { AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentCalls: '0' },
      /host\.json: extensions\.serviceBus\.maxConcurrentCalls: /,
    ],
  ])('refuses %o', async (env, message) => {
    await expect(start(env)).rejects.toThrow(message);
  });

  it('lays AzureFunctionsJobHost__ settings over host.json', async () => {
    const { host, logged } = await start({
      AzureFunctionsJobHost__extensions__http__routePrefix: '',
      AzureFunctionsJobHost__logging__logLevel__default: 'Trace',
    });
    const response = await fetch(`${host.url}/log`, { method: 'POST' });
    expect(response.status).toBe(202);
    await logged('at trace');
  });

  it('says so when its port is taken', async () => {
    const { host } = await start();
    await expect(launchHost({ appDir: FIXTURE, port: host.port, env: {}, onLog: () => undefined })).rejects.toThrow(
      `Port ${host.port} is unavailable: another program listens on it.`,
    );
  });
});

describe('the end', () => {
  it('lets what runs end, runs appTerminate hooks and exits with 0', async () => {
    const { host, lines, logged } = await start();
    const answer = fetch(`${host.url}/api/slow?ms=500`);
    await logged('slow has begun');
    const stopped = host.stop();
    expect(await (await answer).text()).toBe('done');
    expect(await stopped).toBe(0);
    expect(lines).toContain('hook appTerminate');
  });

  it('waits for requests, and serves queues meanwhile', async () => {
    const broker = await startBroker({ queues: [{ name: 'q' }], faults: new FaultPlan() });
    const { host, logged } = await start({ QUEUE: 'q', Bus: broker.connectionString });
    const answer = fetch(`${host.url}/api/slow?ms=3000`);
    await logged('slow has begun');
    const stopped = host.stop();
    broker.enqueue('q', { body: 'late' });
    await logged('"message":"late"');
    expect(await (await answer).text()).toBe('done');
    expect(await stopped).toBe(0);
    await broker.close();
  });

  it('waits five seconds for appTerminate hooks, and no longer', async () => {
    const { host, logged } = await start({ TERMINATES_NEVER: '1' });
    const stopped = host.stop();
    await logged('hook appTerminate');
    const since = performance.now();
    expect(await stopped).toBe(0);
    expect(performance.now() - since).toBeGreaterThan(4_500);
  });

  it('is at once when killed', async () => {
    const { host, lines } = await start();
    await host.kill();
    expect(await host.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(lines).not.toContain('hook appTerminate');
  });

  it('comes with the end of the parent', async () => {
    const main = fileURLToPath(new URL('../../../src/sandbox/host/main.ts', import.meta.url));
    const args = [main, '--app', FIXTURE, '--port', '0', '--until-stdin-closes'];
    const child = spawn(process.execPath, args, { env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

describe('a worker that dies', () => {
  const crash = (host: HostProcess): Promise<Response> => fetch(`${host.url}/api/reject-unhandled`, { method: 'POST' });

  it('fails what it was running, and is back two seconds later for what has come meanwhile', async () => {
    const { host, logged } = await start();
    const slow = fetch(`${host.url}/api/slow?ms=20000`);
    await logged('slow has begun');
    const failed = await Promise.all([slow, crash(host)]);
    expect(await Promise.all(failed.map((reply) => reply.text()))).toEqual(['', '']);
    expect(failed.map(({ status }) => status)).toEqual([500, 500]);
    expect(JSON.parse(await logged('nobody catches this'))).toMatchObject({ level: 'critical', category: 'Worker' });
    const died = performance.now();
    expect(await (await fetch(`${host.url}/api/numbers/7`)).text()).toBe('7');
    expect(performance.now() - died).toBeGreaterThan(1_500);
    expect(await host.stop()).toBe(0);
  });

  it('ends the host when it dies for the third time', async () => {
    const { host } = await start();
    await crash(host);
    await crash(host);
    await expect(crash(host)).rejects.toThrow();
    expect(await host.exited).toEqual({ code: 1, signal: null });
  });

  it('is killed when an invocation outlives functionTimeout, and comes back', async () => {
    const { host, logged } = await start({ AzureFunctionsJobHost__functionTimeout: '00:00:01' });
    const timedOut = await fetch(`${host.url}/api/slow?ms=20000`);
    expect([timedOut.status, await timedOut.text()]).toEqual([500, '']);
    await logged('Timeout value was exceeded by function: Functions.slow');
    expect(await (await fetch(`${host.url}/api/numbers/7`)).text()).toBe('7');
  });

  it('gives its message back at once', async () => {
    const broker = await startBroker({ queues: [{ name: 'q' }], faults: new FaultPlan() });
    const { host, lines, logged } = await start({ QUEUE: 'q', Bus: broker.connectionString });
    broker.enqueue('q', { body: { waitMs: 3_000 } });
    await logged('RECEIVED');
    await crash(host);
    await logged('DONE');
    expect(lines.filter((line) => line.startsWith('RECEIVED')).at(-1)).toContain('"deliveryCount":2');
    await host.stop();
    await broker.close();
  });
});

it('fires a timer and tells it its schedule', async () => {
  const { logged } = await start({ SCHEDULE: '*/1 * * * * *' });
  const timer = JSON.parse((await logged('TICK ')).slice('TICK '.length));
  expect(timer).toMatchObject({ schedule: { adjustForDST: true }, isPastDue: false });
  expect(Date.parse(timer.scheduleStatus.next)).not.toBeNaN();
});
