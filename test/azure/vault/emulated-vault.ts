import { SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets';
import { createSecretVault } from '../../../src/azure/vault/secret-vault.ts';
import type { BearerClaims, BearerVerifier } from '../../../src/sandbox/kit/bearer.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';
import { startVault, type VaultEmulator } from '../../../src/sandbox/vault/index.ts';
import type { SecretToStore, SecretVault } from '../../../src/vending/ports/secret-vault.ts';
import { Secret } from '../../../src/vending/secret/secret.ts';
import { loopbackClient, tokenCredential } from '../loopback-client.ts';

export const VAULT_URL = 'https://teams.vault.azure.net';

/** The token is the caller's oid: signatures are the concern of other tests. */
const verifier: BearerVerifier = {
  verify: async (authorization = '') => {
    const oid = authorization.replace('Bearer ', '');
    const claims: BearerClaims = { iss: 'sandbox', aud: 'https://vault.azure.net', tid: 'tenant', oid };
    return { kind: 'valid', claims };
  },
};

export interface VaultWorld {
  readonly faults: FaultPlan;
  readonly emulator: VaultEmulator;
  /** The adapter's and the vault's. */
  readonly clock: { at: number; now(): number; sleep(): Promise<void> };
  readonly clientOptions: SecretClientOptions;
  /** A fresh adapter, as after a cold start. */
  open(oid?: string): SecretVault;
  /** May delete. */
  readonly officer: SecretClient;
}

export async function startVaultWorld(): Promise<VaultWorld> {
  const certificates = await createCertificates(['*.vault.azure.net']);
  const faults = new FaultPlan();
  const roles = { verifier, tenantId: 'tenant', writerOid: 'writer', officerOids: ['officer'] };
  const clock = { at: Date.now(), now: () => clock.at, sleep: async () => undefined };
  const now = () => new Date(clock.at);
  const emulator = await startVault({ ...roles, tls: certificates, faults, vaults: ['teams'], now });
  const clientOptions: SecretClientOptions = {
    httpClient: loopbackClient(emulator.port, certificates.caPem),
    retryOptions: { maxRetries: 2, retryDelayInMs: 1, maxRetryDelayInMs: 2 },
  };
  const open = (oid = 'writer'): SecretVault =>
    createSecretVault({ credential: tokenCredential(oid), clock, clientOptions });
  const officer = new SecretClient(VAULT_URL, tokenCredential('officer'), clientOptions);
  return { faults, emulator, clock, clientOptions, open, officer };
}

export const secretNamed = (name: string, value: string, attempt = 1): SecretToStore => ({
  vaultUrl: VAULT_URL,
  name,
  value: new Secret(value),
  contentType: 'text/plain',
  tags: { 'vend-id': `id-of-${name}`, 'vend-attempt': String(attempt), 'vend-nonce': 'nonce', 'vend-key': 'KEY' },
});
