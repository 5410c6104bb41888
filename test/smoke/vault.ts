import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { traceOf } from '../../src/azure/upstream-trace.ts';
import { reasonFor } from './app.ts';

export interface SecretReference {
  readonly vaultUrl: string;
  readonly name: string;
  readonly version: string;
}

export type VersionLook =
  | {
      readonly kind: 'found';
      readonly enabled: boolean;
      readonly tags: Readonly<Record<string, string>>;
      readonly expiresOn: string | undefined;
    }
  | { readonly kind: 'absent' }
  /** No token, no right, no way: it says nothing about the version. */
  | { readonly kind: 'unreadable'; readonly reason: string };

const DEADLINE_MS = 20_000;

/** Metadata of a secret's version, which `readMetadata` covers: the value is not asked for. */
export async function lookUpVersion(credential: TokenCredential, reference: SecretReference): Promise<VersionLook> {
  try {
    const client = new SecretClient(reference.vaultUrl, credential, {
      retryOptions: { maxRetries: 2 },
      redirectOptions: { maxRetries: 0 },
    });
    const abortSignal = AbortSignal.timeout(DEADLINE_MS);
    for await (const one of client.listPropertiesOfSecretVersions(reference.name, { abortSignal })) {
      const { version, enabled = true, tags = {}, expiresOn } = one;
      if (version === reference.version) return { kind: 'found', enabled, tags, expiresOn: expiresOn?.toISOString() };
    }
    return { kind: 'absent' };
  } catch (error) {
    const { status, code } = traceOf('vault', error);
    const known = [status, code].filter((part) => part !== undefined).join(' ');
    const reason = known || (error instanceof Error ? error.name : 'unknown');
    return { kind: 'unreadable', reason: reasonFor(reason, new URL(reference.vaultUrl).hostname) };
  }
}
