import { expect, it } from 'vitest';
import type { IdempotencyKey } from '../../../src/vending/model/idempotency.ts';
import { vend } from '../../../src/vending/vend.ts';
import { ask, COMMAND, SETTINGS } from './vending.ts';
import { World } from './world.ts';

const upstream = { service: 'arm', status: 403 } as const;

it.each<[string, IdempotencyKey]>([
  ['a message', { kind: 'msg', messageId: 'm-1' }],
  ['an event', { kind: 'ce', source: '/portal', id: 'e-1' }],
])('%s that was told its final failure is told the same when it is delivered again', async (_, key) => {
  const world = new World();
  const message = { ...COMMAND, key };
  const asMinted = world.mintAs;
  world.mintAs = () => ({ kind: 'refused', reason: 'upstream-forbidden', upstream });
  const told = await vend(world.ports(), SETTINGS, message);
  world.mintAs = asMinted;
  expect(await vend(world.ports(), SETTINGS, message)).toEqual(told);
  expect(world.posts).toHaveLength(1);
});

it('a key of the caller’s own may be tried again after the same failure', async () => {
  const world = new World();
  const asMinted = world.mintAs;
  world.mintAs = () => ({ kind: 'refused', reason: 'upstream-forbidden', upstream });
  await ask(world);
  world.mintAs = asMinted;
  expect((await ask(world)).kind).toBe('vended');
});
