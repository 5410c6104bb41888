import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { WORLD } from '../azure/world.ts';
import { DemoClient, type DemoCredential } from './client.ts';
import { type Stage, until } from './stage.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const REQUEST = {
  environmentId: WORLD.target.environmentId,
  clusterId: WORLD.target.clusterId,
  name: 'orders',
  validFor: 'P60D',
};

/**
 * Sixty days of a credential in half a minute. Its secret nears its end, and the function rotates the key under the same
 * id. The reference yields the new secret. After the overlap the old key is gone, and DELETE takes the rest.
 *
 * @throws Error where any of it does not happen.
 */
export async function runRotationDemo(stage: Stage): Promise<void> {
  const client = new DemoClient(stage);
  const { clock } = stage.azure;
  const { heading, show } = stage.narrator;

  heading('Day 0: a credential whose secret is valid for 60 days');
  const { credential: first } = await client.vend(`demo-${randomUUID()}`, REQUEST);
  const { id } = first;
  const oldKey = keyOf(first);
  show('Vended', { id, apiKey: oldKey, ...first.secret });
  expectReadable(stage, client, first, oldKey);

  heading('Day 30: the clock moves, and the rotation is due');
  await clock.advance(30 * DAY_MS + HOUR_MS);
  const rotated = await becomes(client, id, 'rotated', ({ apiKey }) => apiKey?.id !== oldKey);
  const newKey = keyOf(rotated);
  expectReadable(stage, client, rotated, newKey);
  expectLiving(client, id, [oldKey, newKey]);
  show('Rotated, under the same id', { id: rotated.id, apiKey: newKey, previous: rotated.previous });

  heading('24 hours later: a consumer that cached the old secret still works');
  await clock.advance(24 * HOUR_MS);
  await setTimeout(3_000);
  expectLiving(client, id, [oldKey, newKey]);
  show('Alive in Confluent', client.livingKeys(id));

  heading('25 hours after the rotation: the overlap is over');
  await clock.advance(HOUR_MS + 60_000);
  const alone = await becomes(client, id, 'without its old key', ({ previous }) => previous === undefined);
  expectLiving(client, id, [newKey]);
  expectReadable(stage, client, alone, newKey);
  show('Alive in Confluent', client.livingKeys(id));

  heading('DELETE takes everything that the credential has');
  await client.revoke(id);
  const revoked = await becomes(client, id, 'revoked', ({ status }) => status === 'revoked');
  expectLiving(client, id, []);
  if (client.readable(revoked) !== undefined) throw new Error('The reference still yields a secret.');
  show('Revoked', { id: revoked.id, status: revoked.status });
}

function keyOf({ apiKey }: DemoCredential): string {
  if (apiKey === undefined) throw new Error('The credential has no key.');
  return apiKey.id;
}

/** A consumer that reads the name without a version gets the secret of this key. */
function expectReadable(
  { azure, narrator }: Stage,
  client: DemoClient,
  credential: DemoCredential,
  keyId: string,
): void {
  const minted = azure.arm.keys().find(({ id }) => id === keyId)?.secret;
  const value = client.readable(credential);
  if (value === undefined || value !== minted) throw new Error('The reference yields another secret.');
  narrator.say(`${credential.secret.keyVaultReference} yields the secret of ${keyId}`);
}

function expectLiving(client: DemoClient, id: string, expected: readonly string[]): void {
  const living = client.livingKeys(id);
  const isAsExpected = living.length === expected.length && expected.every((each) => living.includes(each));
  if (!isAsExpected) throw new Error(`Alive are ${living.join(', ')}.`);
}

async function becomes(
  client: DemoClient,
  id: string,
  what: string,
  isSo: (credential: DemoCredential) => boolean,
): Promise<DemoCredential> {
  return until(`the credential is ${what}`, async () => {
    const { credential } = await client.read(id);
    return isSo(credential) ? credential : undefined;
  });
}
