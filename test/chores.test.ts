import { expect, it } from 'vitest';
import { createChores } from '../src/chores.ts';

it('nobody waits for a chore, but whoever ends the process can', async () => {
  const { afterwards, done } = createChores();
  const work = Promise.withResolvers<void>();
  let ended = false;
  await afterwards(async () => {
    await work.promise;
    ended = true;
  });
  expect(ended).toBe(false);
  const waiting = done();
  work.resolve();
  await waiting;
  expect(ended).toBe(true);
});

it('a chore that fails is nobody’s failure', async () => {
  const { afterwards, done } = createChores();
  const fails = () => {
    throw new Error('The ledger is down');
  };
  await afterwards(async () => fails());
  await afterwards(fails);
  await done();
});
