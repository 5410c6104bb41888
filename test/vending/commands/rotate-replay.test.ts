import { beforeEach, expect, it } from 'vitest';
import { currentKeyIn, DAY, faultsAt, HOUR, heldAt, rotateIn, rowIn, typeOf, vendIn } from '../world/steps.ts';
import { World } from '../world/world.ts';
import { rotateTrial } from './trials.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await vendIn(world, { request: { validFor: 'P60D' } });
  await world.settled();
});

it('a repeated rotation that ends while it is looked up is answered with its key', async () => {
  const finish = await heldAt(world, 'store', 1, () => rotateIn(world));
  const answer = await heldAt(world, 'read', 2, () => rotateIn(world));
  world.turn = async () => undefined;
  await finish();
  const made = currentKeyIn(world);
  expect(rowIn(world).previous).toBeDefined();
  expect(await answer()).toMatchObject({ replayed: true, credential: { current: { key: { id: made } } } });
});

it('a repeated rotation costs three reads: of the credential, of the request, of its attempt', async () => {
  await rotateIn(world);
  world.trace = [];
  expect(await rotateIn(world)).toMatchObject({ replayed: true });
  expect(world.trace).toEqual(['READ credential', 'READ rotation', 'READ attempt']);
});

it.each([2, 3])('a repeated rotation whose read number %d is lost is not answered', async (nth) => {
  await rotateIn(world);
  world.fault = faultsAt({ read: { [nth]: 'lost' } });
  expect(typeOf(await rotateIn(world))).toBe('ledger-unavailable');
});

it('a rotation whose request was written without a nonce, by an earlier version, is a replay too', async () => {
  await rotateIn(world);
  const [key = ''] = world.ledger.keys('rotation');
  const { nonce: _, ...request } = JSON.parse(world.ledger.rows.get(key)?.text ?? '{}');
  world.ledger.rows.set(key, { text: JSON.stringify(request), etag: 'e' });
  expect(await rotateIn(world)).toMatchObject({ replayed: true, rotation: { apiKeyId: currentKeyIn(world) } });
});

it('a rotation that is tried out says when the new secret would expire', async () => {
  world.pass(DAY + HOUR);
  const expiresOn = new Date(world.now + 60 * DAY).toISOString();
  expect(await rotateTrial(world)).toMatchObject({ preview: { expiresOn } });
});
