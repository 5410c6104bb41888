import { inspect } from 'node:util';
import { SecretClient } from '@azure/keyvault-secrets';
import { AzureLogger, setLogLevel } from '@azure/logger';
import { setLogLevel as setRuntimeLogLevel, TypeSpecRuntimeLogger } from '@typespec/ts-http-runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultEffect } from '../../../src/sandbox/kit/faults.ts';
import { tokenCredential } from '../loopback-client.ts';
import { secretNamed, startVaultWorld, VAULT_URL, type VaultWorld } from './emulated-vault.ts';

const CANARY = 'cfltCanary/0123456789+abcdefghijklmnopqrstuvwxyz';
const logged: string[] = [];
const capture = (...args: unknown[]): void => {
  logged.push(
    args.map((arg) => (typeof arg === 'string' ? arg : inspect(arg, { showHidden: true, depth: null }))).join(),
  );
};

let world: VaultWorld;
beforeAll(async () => {
  world = await startVaultWorld();
  AzureLogger.log = capture;
  TypeSpecRuntimeLogger.log = capture;
});
beforeEach(() => {
  world.faults.clear();
  logged.length = 0;
});
afterAll(() => world.emulator.close());

const FAULTS: readonly (FaultEffect | undefined)[] = [
  undefined,
  { status: 400, body: { error: { code: CANARY, message: CANARY } } },
  { status: 403, body: CANARY },
  { status: 500, body: { error: { message: CANARY } } },
  { status: 200, body: CANARY, headers: { 'content-type': 'application/json' } },
  { status: 302, headers: { location: `https://elsewhere.example/?${CANARY}` } },
  { drop: 'before' },
  { drop: 'after' },
  { truncate: true },
  { delayMs: 500 },
];

// The two share one list of enabled names: switching one of them on switches the other off.
describe.each([
  { sdk: '@azure', setLevel: setLogLevel, sign: '/secrets/canary' },
  { sdk: '@typespec', setLevel: setRuntimeLogLevel, sign: 'Retry 0' },
])('the secret stays out of outcomes and of the $sdk logs at their most verbose', ({ setLevel, sign }) => {
  beforeAll(() => setLevel('verbose'));
  afterAll(() => setLevel());

  it.each(FAULTS)('when the vault does this: %j', async (fault) => {
    if (fault !== undefined) world.faults.add({ service: 'vault', operation: 'setSecret', fault });
    const secret = secretNamed('canary', CANARY);
    const outcome = await world.open().store(secret, 300);
    expect(inspect(outcome, { showHidden: true, depth: null })).not.toContain('cfltCanary');
    expect(JSON.stringify(outcome)).not.toContain('cfltCanary');
    expect(logged.join('\n')).toContain(sign);
    expect(logged.filter((line) => line.includes('cfltCanary'))).toEqual([]);
  });
});

it('the SDK does put it into its errors, and the search would find it there', async () => {
  const body = Buffer.from(`{${CANARY}`);
  world.faults.add({ service: 'vault', operation: 'setSecret', fault: { status: 200, body } });
  const client = new SecretClient(VAULT_URL, tokenCredential('writer'), world.clientOptions);
  const error: unknown = await client.setSecret('canary', CANARY).catch((thrown: unknown) => thrown);
  capture(error);
  expect(logged.filter((line) => line.includes('cfltCanary'))).toHaveLength(1);
});
