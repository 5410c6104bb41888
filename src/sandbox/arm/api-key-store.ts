import { randomBytes } from 'node:crypto';
import { ArmError } from './arm-error.ts';

/** A Confluent principal, as the provider describes it. */
export interface Principal {
  readonly id: string;
  readonly kind: string;
  readonly related: string;
  readonly resourceName: string;
}

export interface ApiKeyRequest {
  readonly name: string;
  readonly description: string;
  readonly environmentId: string;
  readonly clusterId: string;
  readonly owner: Principal;
}

export interface ApiKey extends ApiKeyRequest {
  readonly id: string;
  readonly secret: string;
  /** ISO 8601 with microseconds, as Confluent gives it. */
  readonly createdTimestamp: string;
  readonly deleted: boolean;
}

export interface ApiKeyStoreOptions {
  /** Live keys that one cluster may have. */
  readonly keysPerCluster: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The keys that Confluent holds, deleted ones included. */
export class ApiKeyStore {
  readonly #keys = new Map<string, ApiKey>();
  readonly #options: ApiKeyStoreOptions;

  constructor(options: ApiKeyStoreOptions) {
    this.#options = options;
  }

  /** @throws ArmError 402 when the cluster is full. */
  mint(request: ApiKeyRequest): ApiKey {
    const { keysPerCluster, now } = this.#options;
    const live = this.all().filter(({ clusterId, deleted }) => clusterId === request.clusterId && !deleted);
    if (live.length >= keysPerCluster) {
      const message = `The number of API keys of cluster '${request.clusterId}' is currently limited to ${keysPerCluster}.`;
      throw new ArmError(402, 'QuotaExceeded', message);
    }
    const key = { ...request, ...freshCredentials(), createdTimestamp: microseconds(now()), deleted: false };
    this.#keys.set(key.id, key);
    return key;
  }

  /** Deleted or not. */
  find(id: string): ApiKey | undefined {
    return this.#keys.get(id);
  }

  /** @returns whether there was such a key. */
  delete(id: string): boolean {
    const key = this.find(id);
    if (key?.deleted !== false) return false;
    this.#keys.set(id, { ...key, deleted: true });
    return true;
  }

  all(): ApiKey[] {
    return [...this.#keys.values()];
  }
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

const freshCredentials = (): { id: string; secret: string } => ({
  id: Array.from(randomBytes(16), (octet) => BASE32[octet % 32]).join(''),
  secret: freshSecret(),
});

/** Confluent's form: `cflt` and 60 characters of base64. Always with `/` and `+`, which is what breaks careless users. */
function freshSecret(): string {
  for (;;) {
    const secret = `cflt${randomBytes(45).toString('base64')}`;
    if (secret.includes('/') && secret.includes('+')) return secret;
  }
}

const microseconds = (time: number): string =>
  new Date(time).toISOString().replace('Z', `${String(randomBytes(2).readUInt16BE() % 1000).padStart(3, '0')}Z`);
