import { expect, it } from 'vitest';
import { timeLeft, withDeadline } from '../src/azure/deadline.ts';
import { createTaskTracker } from '../src/runtime.ts';

it('nobody waits for a background task, except the end of the process', async () => {
  const { run, done } = createTaskTracker();
  const work = Promise.withResolvers<void>();
  let ended = false;
  run(async () => {
    await work.promise;
    ended = true;
  });
  expect(ended).toBe(false);
  const waiting = done();
  work.resolve();
  await waiting;
  expect(ended).toBe(true);
});

it('the end of the process waits for what a background task begins', async () => {
  const { run, done } = createTaskTracker();
  const ended: string[] = [];
  run(async () => {
    run(async () => {
      await Promise.resolve();
      ended.push('second');
    });
    ended.push('first');
  });
  await done();
  expect(ended).toEqual(['first', 'second']);
});

it('the end of the process waits for an invocation, also for one that fails', async () => {
  const { track, done } = createTaskTracker();
  const invocation = Promise.withResolvers<void>();
  const outcome = track(invocation.promise).catch(() => 'failed');
  let isDone = false;
  const waiting = done().then(() => {
    isDone = true;
  });
  await Promise.resolve();
  expect(isDone).toBe(false);
  invocation.reject(new Error('The ledger is down'));
  await waiting;
  expect(await outcome).toBe('failed');
});

it('a background task that fails has no consequence', async () => {
  const { run, done } = createTaskTracker();
  const fails = () => {
    throw new Error('The ledger is down');
  };
  run(async () => fails());
  run(fails);
  await done();
});

it('a background task outlives the deadline of its invocation', async () => {
  const { run, done } = createTaskTracker();
  let left = 0;
  withDeadline(1_000, () =>
    run(async () => {
      left = timeLeft();
    }),
  );
  await done();
  expect(left).toBe(Number.POSITIVE_INFINITY);
});
