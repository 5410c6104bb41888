import { randomBytes } from 'node:crypto';
import type { SecretUpdate, SecretWrite } from './bodies.ts';
import { deletedButRecoverable, deletedSecretNotFound, secretDisabled, secretNotFound } from './errors.ts';

/** Times are Unix seconds, as in the service's `attributes`. */
export interface SecretVersion {
  readonly version: string;
  readonly value: string;
  readonly enabled: boolean;
  readonly contentType: string | undefined;
  readonly tags: Readonly<Record<string, string>> | undefined;
  readonly nbf: number | undefined;
  readonly exp: number | undefined;
  readonly created: number;
  readonly updated: number;
}

/** Versions in the order in which they were made, at least one: the last is the current one. */
export interface StoredSecret {
  readonly name: string;
  readonly versions: readonly [SecretVersion, ...SecretVersion[]];
}

export interface DeletedSecret extends StoredSecret {
  readonly deletedDate: number;
  readonly scheduledPurgeDate: number;
}

const DAY_S = 86_400;
const keyOf = (name: string): string => name.toLowerCase();

export const currentVersion = (secret: StoredSecret): SecretVersion => secret.versions.at(-1) ?? secret.versions[0];

/** One vault's secrets, live and soft-deleted. Names are case-insensitive and keep their first spelling. */
export class SecretStore {
  readonly #live = new Map<string, StoredSecret>();
  readonly #deleted = new Map<string, DeletedSecret>();
  readonly #now: () => Date;
  readonly retentionDays: number;
  #onChange: (name: string) => void = () => undefined;

  constructor(now: () => Date, retentionDays: number) {
    this.#now = now;
    this.retentionDays = retentionDays;
  }

  /** Calls `listener` with the name of a live secret after every change of it. */
  watch(listener: (name: string) => void): void {
    this.#onChange = listener;
  }

  /** @throws KeyVaultError 409 while the name is soft-deleted. */
  set(name: string, write: SecretWrite): StoredSecret {
    if (this.#findDeleted(name) !== undefined) throw deletedButRecoverable(name);
    const at = this.#seconds();
    const made: SecretVersion = {
      version: randomBytes(16).toString('hex'),
      value: write.value,
      contentType: write.contentType,
      tags: write.tags,
      enabled: write.attributes?.enabled ?? true,
      nbf: write.attributes?.nbf,
      exp: write.attributes?.exp,
      created: at,
      updated: at,
    };
    const older = this.#live.get(keyOf(name));
    const secret: StoredSecret =
      older === undefined ? { name, versions: [made] } : { name: older.name, versions: [...older.versions, made] };
    this.#put(secret);
    return secret;
  }

  find(name: string): StoredSecret | undefined {
    return this.#live.get(keyOf(name));
  }

  /** @throws KeyVaultError 404 */
  get(name: string): StoredSecret {
    const secret = this.find(name);
    if (secret === undefined) throw secretNotFound(name);
    return secret;
  }

  /** The version named, or the newest. @throws KeyVaultError 404, or 403 where that very version is disabled. */
  read(name: string, version: string): SecretVersion {
    const secret = this.get(name);
    const found = version === '' ? currentVersion(secret) : secret.versions.find((one) => one.version === version);
    if (found === undefined) throw secretNotFound(`${name}/${version}`);
    if (!found.enabled) throw secretDisabled();
    return found;
  }

  /** Properties that the update does not name stay. Tags are replaced as a whole. @throws KeyVaultError 404 */
  update(name: string, version: string, update: SecretUpdate): SecretVersion {
    const secret = this.get(name);
    const found = secret.versions.find((one) => one.version === version);
    if (found === undefined) throw secretNotFound(`${name}/${version}`);
    const updated: SecretVersion = {
      ...found,
      contentType: update.contentType ?? found.contentType,
      tags: update.tags ?? found.tags,
      enabled: update.attributes?.enabled ?? found.enabled,
      nbf: update.attributes?.nbf ?? found.nbf,
      exp: update.attributes?.exp ?? found.exp,
      updated: this.#seconds(),
    };
    const [first, ...rest] = secret.versions;
    const swap = (one: SecretVersion): SecretVersion => (one === found ? updated : one);
    this.#put({ name: secret.name, versions: [swap(first), ...rest.map(swap)] });
    return updated;
  }

  list(): readonly StoredSecret[] {
    return [...this.#live.values()];
  }

  delete(name: string): DeletedSecret {
    const secret = this.get(name);
    const deletedDate = this.#seconds();
    const deleted = { ...secret, deletedDate, scheduledPurgeDate: deletedDate + this.retentionDays * DAY_S };
    this.#live.delete(keyOf(name));
    this.#deleted.set(keyOf(name), deleted);
    return deleted;
  }

  /** @throws KeyVaultError 404 */
  getDeleted(name: string): DeletedSecret {
    const deleted = this.#findDeleted(name);
    if (deleted === undefined) throw deletedSecretNotFound(name);
    return deleted;
  }

  listDeleted(): readonly DeletedSecret[] {
    return [...this.#deleted.values()].filter((one) => this.#findDeleted(one.name) !== undefined);
  }

  recover(name: string): StoredSecret {
    const { name: spelling, versions } = this.getDeleted(name);
    const secret = { name: spelling, versions };
    this.#deleted.delete(keyOf(name));
    this.#put(secret);
    return secret;
  }

  purge(name: string): void {
    this.getDeleted(name);
    this.#deleted.delete(keyOf(name));
  }

  #put(secret: StoredSecret): void {
    this.#live.set(keyOf(secret.name), secret);
    this.#onChange(secret.name);
  }

  #findDeleted(name: string): DeletedSecret | undefined {
    const deleted = this.#deleted.get(keyOf(name));
    return deleted !== undefined && deleted.scheduledPurgeDate > this.#seconds() ? deleted : undefined;
  }

  #seconds(): number {
    return Math.floor(this.#now().getTime() / 1000);
  }
}
