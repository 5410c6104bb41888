import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMessenger } from '../../src/azure/servicebus/messenger.ts';
import { createSecretVault } from '../../src/azure/vault/secret-vault.ts';
import { type FaultEffect, FaultPlan } from '../../src/sandbox/kit/faults.ts';
import { type ServiceBusBroker, startBroker } from '../../src/sandbox/servicebus/index.ts';
import type { Ledger } from '../../src/vending/ports/ledger.ts';
import type { SecretVault } from '../../src/vending/ports/secret-vault.ts';
import { startTableWorld, type TableWorld } from './ledger/emulated-table.ts';
import { tokenCredential } from './loopback-client.ts';
import { secretNamed, startVaultWorld, VAULT_URL, type VaultWorld } from './vault/emulated-vault.ts';

/** Other tests make the adapters impatient. These have the retries that are deployed. */

const THROTTLED = { status: 429, headers: { 'retry-after': '1' } };
const FAILURES: readonly FaultEffect[] = [{ status: 503 }, THROTTLED, { drop: 'before' }];

describe('a ledger that failed once is asked again, within the five seconds of a call', () => {
  let world: TableWorld;
  let ledger: Ledger;
  beforeAll(async () => {
    world = await startTableWorld();
    ledger = world.openAsDeployed();
  });
  beforeEach(() => world.faults.clear());
  afterAll(() => world.emulator.close());

  it.each(FAILURES)('%j', async (fault) => {
    world.faults.add({ service: 'table', times: 1, fault });
    expect(await ledger.read('credential', 'nobody')).toEqual({ kind: 'absent' });
    world.faults.add({ service: 'table', times: 1, fault });
    expect(await ledger.commit({ remove: ['due_nobody'] })).toMatchObject({ kind: 'committed' });
  });

  it('but not for ever', async () => {
    world.faults.add({ service: 'table', fault: { status: 503 } });
    expect(await ledger.read('credential', 'nobody')).toMatchObject({ kind: 'unreachable', upstream: { status: 503 } });
  });
});

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

describe('a bus that left a message unanswered is sent it again, within the half minute of a send', () => {
  let broker: ServiceBusBroker;
  let messenger: ReturnType<typeof createMessenger>;
  const faults = new FaultPlan();
  beforeAll(async () => {
    broker = await startBroker({ queues: [{ name: 'results', duplicateDetectionWindowMs: 600_000 }], faults });
    messenger = createMessenger({ connectionString: broker.connectionString });
  });
  afterAll(async () => {
    await messenger.close();
    await broker.close();
  });

  it('over a connection that was cut', { timeout: 60_000 }, async () => {
    faults.add({ service: 'bus', operation: 'send', times: 1, fault: { drop: 'before' } });
    const message = { messageId: 'm', body: '{}', contentType: 'application/json' };
    expect(await messenger.send('results', message)).toEqual({ kind: 'sent' });
    expect(broker.view('results')?.messages).toHaveLength(1);
  });
});
