import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSecretVault } from '../../../src/azure/vault/secret-vault.ts';
import type { FaultEffect } from '../../../src/sandbox/kit/faults.ts';
import type { SecretVault } from '../../../src/vending/ports/secret-vault.ts';
import { tokenCredential } from '../loopback-client.ts';
import { secretNamed, startVaultWorld, VAULT_URL, type VaultWorld } from './emulated-vault.ts';

/** Other tests make the adapter impatient. These have the retries that are deployed. */

/** Azure's own has no `Retry-After`. */
const THROTTLED = { status: 429 };
const THROTTLED_WITH_TIME = { ...THROTTLED, headers: { 'retry-after': '1' } };
const FAILURES: readonly FaultEffect[] = [{ status: 503 }, THROTTLED, THROTTLED_WITH_TIME, { drop: 'before' }];

describe('a vault that failed once is asked again, within the ten seconds of a request', () => {
  let world: VaultWorld;
  let vault: SecretVault;
  beforeAll(async () => {
    world = await startVaultWorld();
    const { httpClient } = world.clientOptions;
    const clientOptions = httpClient === undefined ? {} : { httpClient };
    vault = createSecretVault({ credential: tokenCredential('writer'), clock: world.clock, clientOptions });
    await vault.proveWritable(VAULT_URL);
  });
  beforeEach(() => world.faults.clear());
  afterAll(() => world.emulator.close());

  it.each(FAILURES)('%j', async (fault) => {
    world.faults.add({ service: 'vault', operation: 'listVersions', times: 1, fault });
    expect(await vault.listVersions(VAULT_URL, 'nobody')).toEqual({ kind: 'listed', versions: [] });
  });

  it('with a secret too, where it said that it did not take it', async () => {
    world.faults.add({ service: 'vault', operation: 'setSecret', times: 1, fault: THROTTLED });
    expect(await vault.store(secretNamed('again', 'cflt-again'), 10_000)).toMatchObject({ kind: 'stored' });
  });
});
