import type { TokenCredential } from '@azure/identity';
import type { SecretClientOptions, SecretProperties } from '@azure/keyvault-secrets';
import type { Clock } from '../../vending/ports/runtime.ts';
import type { SecretToStore, SecretVault, StoredVersion, StoreOutcome } from '../../vending/ports/secret-vault.ts';
import { within } from '../deadline.ts';
import { traceOf } from '../upstream-trace.ts';
import { DEADLINE_MS, isSecretNotFound, listNames, listVersions, lookUpName } from './versions.ts';
import { Writability } from './writability.ts';
import { createSecretClients, refusalReasonOf, TryObserver, WriteTries } from './write-tries.ts';

/** `@azure/keyvault-secrets` 4.12 writes a date as a signed 32-bit count of seconds: later ones would be negative. */
const LAST_EXPIRY_MS = 0x7fff_ffff * 1_000;

export interface SecretVaultOptions {
  readonly credential: TokenCredential;
  readonly clock: Clock;
  /** The secret whose tags are written to prove that a vault takes writes. It is made if it is missing. */
  readonly probeSecretName?: string;
  readonly clientOptions?: SecretClientOptions;
}

/**
 * Key Vault, for an identity that may `setSecret`, `update` and `readMetadata`, and may not read a value.
 *
 * Prove a vault writable before the first `store`. If two writes at once are a client's first requests,
 * `@azure/keyvault-secrets` 4.12 loses the body of one of them to the authentication challenge.
 */
export function createSecretVault(options: SecretVaultOptions): SecretVault {
  const { credential, clock, probeSecretName = 'confluent-key-vending-probe', clientOptions } = options;
  const observer = new TryObserver();
  const clients = createSecretClients(credential, observer.policy, clientOptions);
  const writability = new Writability(clients, clock, probeSecretName);

  async function store(secret: SecretToStore, deadlineMs: number): Promise<StoreOutcome> {
    if ((secret.expiresOn?.getTime() ?? 0) > LAST_EXPIRY_MS) {
      return { kind: 'refused', reason: 'denied', upstream: { service: 'vault', code: 'ExpiryOutOfRange' } };
    }
    const tries = new WriteTries();
    try {
      const properties = await within(deadlineMs, (signal) => observer.watch(tries, () => put(secret, signal)));
      writability.wrote(secret.vaultUrl);
      return { kind: 'stored', stored: confirmed(properties, secret.name), upstream: tries.lastAnswer };
    } catch (error) {
      // The error stays here: its request and its message can hold the secret.
      writability.failed(secret.vaultUrl);
      const upstream = traceOf('vault', error);
      if (tries.mayHaveTakenEffect) return { kind: 'ambiguous', upstream };
      return { kind: 'refused', reason: refusalReasonOf(upstream), upstream };
    }
  }

  async function put(secret: SecretToStore, abortSignal: AbortSignal): Promise<SecretProperties> {
    const { vaultUrl, name, value, contentType, expiresOn, tags } = secret;
    const expiry = expiresOn === undefined ? {} : { expiresOn };
    const attributes = { contentType, tags: { ...tags }, ...expiry, abortSignal };
    const { properties } = await clients(vaultUrl).setSecret(name, value.reveal(), attributes);
    return properties;
  }

  return {
    store,
    isProvenWritable: (vaultUrl) => writability.isProven(vaultUrl),
    proveWritable: (vaultUrl) => writability.prove(vaultUrl),
    lookUpName: async (vaultUrl, name) => {
      try {
        return await lookUpName(clients(vaultUrl), name);
      } catch (error) {
        return unavailable(error);
      }
    },
    listVersions: async (vaultUrl, name) => {
      try {
        return { kind: 'listed', versions: await listVersions(clients(vaultUrl), name) };
      } catch (error) {
        return unavailable(error);
      }
    },
    listNames: async (vaultUrl) => {
      try {
        return { kind: 'listed', names: await listNames(clients(vaultUrl)) };
      } catch (error) {
        return unavailable(error);
      }
    },
    disableVersion: async (vaultUrl, name, version) => {
      try {
        const { enabled } = await within(DEADLINE_MS, (abortSignal) =>
          clients(vaultUrl).updateSecretProperties(name, version, { enabled: false, abortSignal }),
        );
        // After a challenge that another call has answered, the SDK may send the request again without its body.
        if (enabled !== false) throw new Error('Key Vault answered that the version is enabled.');
        writability.wrote(vaultUrl);
        return { kind: 'disabled' };
      } catch (error) {
        return isSecretNotFound(error) ? { kind: 'disabled' } : unavailable(error);
      }
    },
  };
}

const unavailable = (error: unknown) => ({ kind: 'unavailable' as const, upstream: traceOf('vault', error) });

const IDENTIFIER = /^https:\/\/[^/]+\/secrets\/([^/]+)\/([^/]+)$/;

/** @throws Error if the answer does not name a version of this secret: then nothing is confirmed. */
function confirmed({ id = '' }: SecretProperties, name: string): StoredVersion {
  const [, storedName, version] = IDENTIFIER.exec(id) ?? [];
  if (version === undefined || storedName?.toLowerCase() !== name.toLowerCase()) {
    throw new Error('Key Vault answered a store with another identifier.');
  }
  return { id, version };
}
