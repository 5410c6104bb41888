import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets';

/** The caller's deadline bounds them. `perTry` ends those of a store. */
const RETRIES = { maxRetries: 3, retryDelayInMs: 500, maxRetryDelayInMs: 4_000 };

export type SecretClients = (vaultUrl: string) => SecretClient;

/** One client for each vault: its first request is spent on the vault's authentication challenge. */
export function createSecretClients(
  credential: TokenCredential,
  perTry: PipelinePolicy,
  options: SecretClientOptions = {},
): SecretClients {
  const clients = new Map<string, SecretClient>();
  const create = (vaultUrl: string): SecretClient =>
    new SecretClient(vaultUrl, credential, {
      retryOptions: RETRIES,
      ...options,
      // A redirect would carry the secret to wherever the answer points.
      redirectOptions: { maxRetries: 0 },
      additionalPolicies: [{ policy: perTry, position: 'perRetry' }],
    });
  return (vaultUrl) => {
    const client = clients.get(vaultUrl) ?? create(vaultUrl);
    clients.set(vaultUrl, client);
    return client;
  };
}
