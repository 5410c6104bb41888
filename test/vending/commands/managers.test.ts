import { beforeEach, expect, it } from 'vitest';
import { endOverlapNow } from '../../../src/vending/commands/end-overlap.ts';
import type { Authority } from '../../../src/vending/model/caller.ts';
import { currentKeyIn, ID, revokeIn, rotateIn, typeOf, vendIn, withRule } from '../world/steps.ts';
import { World } from '../world/world.ts';

const MANAGER = 'entra:11111111-1111-4111-8111-111111111111:22222222-2222-4222-8222-222222222222';
const settings = withRule({ managers: { ids: [MANAGER], roles: ['Keys.Manage'] } });
const asCaller = (id: string, roles: readonly string[] = []): Authority => ({ kind: 'caller', caller: { id, roles } });

let world: World;
beforeEach(async () => {
  world = new World();
  await vendIn(world, { settings });
});

it.each<[string, Authority]>([
  ['by id, in any case', asCaller(MANAGER.toUpperCase().replace('ENTRA', 'entra'))],
  ['by role', asCaller('entra:t:somebody', ['Keys.Manage'])],
])('a manager %s rotates, ends the overlap of and revokes what the rule granted', async (_, authority) => {
  const old = currentKeyIn(world);
  expect(typeOf(await rotateIn(world, { authority, settings }))).toBe('vended');
  const ended = await endOverlapNow(world.ctx(), settings, { authority, id: ID, apiKeyId: old });
  expect(typeOf(ended)).toBe('overlap-ended');
  expect(typeOf(await revokeIn(world, ID, authority, settings))).toBe('revoked');
  expect(world.confluent.live()).toEqual([]);
});

it('a manager of a rule that is gone manages nothing', async () => {
  const renamed = withRule({ name: 'renamed', managers: { ids: [MANAGER] } });
  expect(typeOf(await revokeIn(world, ID, asCaller(MANAGER), renamed))).toBe('not-found');
});

it('a stranger with another role finds nothing', async () => {
  expect(typeOf(await revokeIn(world, ID, asCaller('entra:t:x', ['Keys.Read']), settings))).toBe('not-found');
  expect(world.confluent.live()).toHaveLength(1);
});

it('a rotation of a manager has its own idempotency keys', async () => {
  await rotateIn(world, { key: 'r', settings });
  const authority = asCaller(MANAGER);
  expect(typeOf(await rotateIn(world, { key: 'r', authority, settings }))).toBe('rotation-too-soon');
});
