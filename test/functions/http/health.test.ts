import { HttpRequest, InvocationContext } from '@azure/functions';
import { afterEach, expect, it, vi } from 'vitest';
import { live, type ReadinessCheck, ready } from '../../../src/functions/http/health.ts';

afterEach(() => void vi.useRealTimers());

/** The handler, on a clock that stands still until it is moved, and the number of times that its check was run. */
function readiness(passes: ReadinessCheck['passes']) {
  const clock = { time: 1_000_000, now: (): number => clock.time };
  const counted = { times: 0 };
  const check: ReadinessCheck = {
    name: 'vault',
    passes: () => {
      counted.times++;
      return passes();
    },
  };
  const handler = ready([check], clock);
  const request = new HttpRequest({ method: 'GET', url: 'http://localhost/api/health/ready' });
  return { clock, counted, ask: () => handler(request, new InvocationContext()) };
}

it('a process that answers lives', async () => {
  const request = new HttpRequest({ method: 'GET', url: 'http://localhost/api/health/live' });
  expect(await live(request, new InvocationContext())).toMatchObject({ status: 200, jsonBody: { status: 'live' } });
});

it('is looked into again after ten seconds, and not before', async () => {
  let healthy = true;
  const { clock, counted, ask } = readiness(async () => healthy);
  expect(await ask()).toMatchObject({ status: 200, jsonBody: { status: 'ready', version: 'development' } });
  healthy = false;
  clock.time += 9_999;
  expect(await ask()).toMatchObject({ status: 200 });
  expect(counted.times).toBe(1);
  clock.time += 1;
  expect(await ask()).toMatchObject({
    status: 503,
    jsonBody: { status: 'not-ready', version: 'development', failing: ['vault'] },
  });
  healthy = true;
  expect(await ask()).toMatchObject({ status: 503 });
  clock.time += 10_000;
  expect(await ask()).toMatchObject({ status: 200, jsonBody: { status: 'ready' } });
  expect(counted.times).toBe(3);
});

it('is looked into once for all who ask while it is', async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const { counted, ask } = readiness(() => promise);
  const asked = [ask(), ask(), ask()];
  resolve(true);
  expect((await Promise.all(asked)).map((reply) => reply && 'status' in reply && reply.status)).toEqual([
    200, 200, 200,
  ]);
  expect(counted.times).toBe(1);
});

it('fails where a check does not answer, before those who ask lose patience', async () => {
  vi.useFakeTimers();
  const asking = readiness(() => new Promise<never>(() => undefined)).ask();
  await vi.advanceTimersByTimeAsync(6_000);
  expect(await Promise.race([asking, 'still waiting'])).toMatchObject({
    status: 503,
    jsonBody: { failing: ['vault'] },
  });
});

it('waits for a check that is slow', async () => {
  vi.useFakeTimers();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const asking = readiness(() => promise).ask();
  await vi.advanceTimersByTimeAsync(4_000);
  resolve(true);
  expect(await asking).toMatchObject({ status: 200 });
});
