import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { issueToken } from './control/tokens.ts';
import type { Sandbox } from './sandbox.ts';
import { heading, show } from './show.ts';
import { WORLD } from './world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DEADLINE_MS = 60_000;

const vendedSchema = z.looseObject({
  requestId: z.string(),
  secret: z.looseObject({ name: z.string(), keyVaultReference: z.string(), expiresOn: z.string() }),
  apiKey: z.looseObject({ id: z.string() }),
});
type Vended = z.infer<typeof vendedSchema>;

const REQUEST = {
  environmentId: WORLD.target.environmentId,
  clusterId: WORLD.target.clusterId,
  name: 'orders',
  validFor: 'P60D',
};

/**
 * Sixty days of a key in half a minute: Key Vault says that its secret nears its end, Event Grid delivers that, the
 * function rotates the key, the reference yields the new secret, and after the overlap the old key is gone.
 *
 * @throws Error where any of it does not happen.
 */
export async function runRotationDemo(sandbox: Sandbox, url: string): Promise<void> {
  heading('Day 0: a key whose secret holds for 60 days');
  const old = await vend(sandbox, url);
  show('Vended', { requestId: old.requestId, apiKey: old.apiKey.id, ...old.secret });
  expectReadable(sandbox, old, old.apiKey.id);

  heading('Day 30: the clock moves; Key Vault says SecretNearExpiry, Event Grid brings it to the queue');
  await sandbox.azure.clock.advance(30 * DAY_MS + HOUR_MS);
  const next = await until('a second key', () => livingKeys(sandbox).find((id) => id !== old.apiKey.id));
  await until('the rotation in the ledger', () => statusOf(sandbox, url, old, 'superseded'));
  expectReadable(sandbox, old, next);
  expectLiving(sandbox, [old.apiKey.id, next]);
  show('Rotated', { newKey: next, oldKey: `${old.apiKey.id}, still alive`, reference: old.secret.keyVaultReference });

  heading('24 hours later: whoever cached the old secret still works');
  await sandbox.azure.clock.advance(24 * HOUR_MS);
  await setTimeout(3_000);
  expectLiving(sandbox, [old.apiKey.id, next]);
  show('Alive in Confluent', livingKeys(sandbox));

  heading('25 hours after the rotation: the overlap is over');
  await sandbox.azure.clock.advance(HOUR_MS + 60_000);
  await until('the end of the old key', () => statusOf(sandbox, url, old, 'revoked'));
  expectLiving(sandbox, [next]);
  expectReadable(sandbox, old, next);
  show('Alive in Confluent', livingKeys(sandbox));
}

async function vend({ azure }: Sandbox, url: string): Promise<Vended> {
  const { access_token: token } = await issueToken(azure.issuer, {});
  const response = await fetch(`${url}/api/v1/api-keys`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'idempotency-key': 'rotation-demo',
    },
    body: JSON.stringify(REQUEST),
  });
  return vendedSchema.parse(await response.json());
}

async function statusOf({ azure }: Sandbox, url: string, { requestId }: Vended, status: string): Promise<unknown> {
  const { access_token: token } = await issueToken(azure.issuer, {});
  const response = await fetch(`${url}/api/v1/api-keys/${requestId}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const seen = z.looseObject({ status: z.string() }).parse(await response.json());
  return seen.status === status ? seen : undefined;
}

const livingKeys = ({ azure }: Sandbox): string[] =>
  azure.arm
    .keys()
    .filter(({ deleted }) => !deleted)
    .map(({ id }) => id);

/** What a consumer gets that reads the name without a version: it must be the secret of this key. */
function expectReadable({ azure }: Sandbox, { secret }: Vended, keyId: string): void {
  const minted = azure.arm.keys().find(({ id }) => id === keyId)?.secret;
  const read = azure.vault.current(WORLD.vaults[0], secret.name)?.versionless;
  const value = read !== undefined && 'value' in read ? read.value : undefined;
  if (value === undefined || value !== minted) throw new Error('The reference yields another secret.');
  console.log(`${secret.keyVaultReference} yields the secret of ${keyId}`);
}

function expectLiving(sandbox: Sandbox, expected: readonly string[]): void {
  const living = livingKeys(sandbox);
  const isAsExpected = living.length === expected.length && expected.every((id) => living.includes(id));
  if (!isAsExpected) throw new Error(`Alive are ${living.join(', ')}.`);
}

async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await setTimeout(50);
  }
  throw new Error(`There was not ${what} within ${DEADLINE_MS / 1000} s.`);
}
