import type { UpstreamTrace } from '../../../src/vending/model/tracing.ts';
import type {
  DisableOutcome,
  ListNamesOutcome,
  ListVersionsOutcome,
  NameOutcome,
  SecretToStore,
  SecretVault,
  StoreOutcome,
  VersionMetadata,
  WritableOutcome,
} from '../../../src/vending/ports/secret-vault.ts';
import type { Network, Process } from './network.ts';

export interface FakeVersion {
  readonly vaultUrl: string;
  readonly name: string;
  readonly version: string;
  readonly value: string;
  readonly contentType: string;
  readonly expiresOn?: Date;
  readonly createdAt: number;
  tags: Readonly<Record<string, string>>;
  enabled: boolean;
}

const PROVEN_MS = 60_000;
const vault = (status: number, code?: string): UpstreamTrace => ({
  service: 'vault',
  status,
  ...(code !== undefined && { code }),
});
const SILENT: UpstreamTrace = { service: 'vault', code: 'ETIMEDOUT' };
const unavailable = { kind: 'unavailable', upstream: SILENT } as const;

/** Every vault: versions by name, oldest first. */
export class FakeVault {
  versions: FakeVersion[] = [];
  softDeleted = new Set<string>();
  isWritable = true;
  /** When each vault last took a write. */
  provenAt = new Map<string, number>();
  /** Overrides what a store answers; the version is then not kept. */
  refuseStores: Extract<StoreOutcome, { kind: 'refused' }>['reason'] | undefined;

  of = (vaultUrl: string, name: string): FakeVersion[] =>
    this.versions.filter((each) => each.vaultUrl === vaultUrl && each.name.toLowerCase() === name.toLowerCase());

  find = (version: string): FakeVersion | undefined => this.versions.find((each) => each.version === version);

  /** Ids of the keys whose versions are enabled, by what their tags say. */
  enabled = (): string[] => this.versions.filter(({ enabled }) => enabled).map(({ tags }) => tags['vend-key'] ?? '');

  /** The versions that readers get who name none: the newest one of each name, if it is enabled. */
  #newest(): FakeVersion[] {
    const newest = new Map(this.versions.map((each) => [`${each.vaultUrl} ${each.name.toLowerCase()}`, each]));
    return [...newest.values()].filter(({ enabled }) => enabled);
  }

  /** Ids of the keys that readers get, by what the tags say. */
  readable = (): string[] => this.#newest().map(({ tags }) => tags['vend-key'] ?? '');

  readableValues = (): string[] => this.#newest().map(({ value }) => value);

  /** A version that nobody here stored. */
  add(
    network: Network,
    { vaultUrl, name, tags = {}, contentType = '' }: Pick<FakeVersion, 'vaultUrl' | 'name'> & Partial<FakeVersion>,
  ) {
    const version = network.id('v');
    const value = 'a stranger’s';
    const createdAt = network.now;
    const added = { vaultUrl, name, version, value, contentType, tags, enabled: true, createdAt };
    this.versions.push(added);
    return added;
  }

  #store(network: Network, { vaultUrl, name, value, contentType, expiresOn, tags }: SecretToStore): StoreOutcome {
    if (this.refuseStores !== undefined)
      return { kind: 'refused', reason: this.refuseStores, upstream: vault(403, 'ForbiddenByPolicy') };
    const version = network.id('v');
    const createdAt = network.now;
    const stored = { vaultUrl, name, version, value: value.reveal(), contentType, tags, enabled: true, createdAt };
    this.versions.push(expiresOn === undefined ? stored : { ...stored, expiresOn });
    this.provenAt.set(vaultUrl, network.now);
    return { kind: 'stored', stored: { id: idOf(stored), version }, upstream: vault(200) };
  }

  #lookUp(vaultUrl: string, name: string): NameOutcome {
    if (this.softDeleted.has(name)) return { kind: 'soft-deleted' };
    return { kind: this.of(vaultUrl, name).some(({ enabled }) => enabled) ? 'in-use' : 'free' };
  }

  port(network: Network, process: Process): SecretVault {
    const isProven = (url: string): boolean => network.now < (this.provenAt.get(url) ?? -PROVEN_MS) + PROVEN_MS;
    return {
      isProvenWritable: isProven,
      proveWritable: async (vaultUrl) => {
        if (isProven(vaultUrl)) return { kind: 'writable' };
        return network.act<WritableOutcome>(process, 'proveWritable', 'PROBE vault', {
          effect: () => {
            if (!this.isWritable) return { kind: 'not-writable', upstream: vault(403, 'ForbiddenByFirewall') };
            this.provenAt.set(vaultUrl, network.now);
            return { kind: 'writable' };
          },
          refused: { kind: 'not-writable', upstream: vault(403) },
          silent: { kind: 'not-writable', upstream: SILENT },
        });
      },
      lookUpName: (vaultUrl, name) =>
        network.act<NameOutcome>(process, 'lookUpName', `LOOK UP ${name}`, {
          effect: () => this.#lookUp(vaultUrl, name),
          refused: unavailable,
          silent: unavailable,
        }),
      store: (secret) =>
        network.act<StoreOutcome>(process, 'store', `PUT ${secret.name}`, {
          effect: () => this.#store(network, secret),
          refused: { kind: 'refused', reason: 'transient', upstream: vault(429) },
          silent: { kind: 'ambiguous', upstream: SILENT },
        }),
      listVersions: (vaultUrl, name) =>
        network.act<ListVersionsOutcome>(process, 'listVersions', `LIST ${name}`, {
          effect: () => ({ kind: 'listed', versions: this.of(vaultUrl, name).toReversed().map(metadataOf) }),
          refused: unavailable,
          silent: unavailable,
        }),
      listNames: (vaultUrl) =>
        network.act<ListNamesOutcome>(process, 'listNames', 'LIST vault', {
          effect: () => {
            const names = this.versions.filter((each) => each.vaultUrl === vaultUrl).map(({ name }) => name);
            return { kind: 'listed', names: [...new Set(names)] };
          },
          refused: unavailable,
          silent: unavailable,
        }),
      disableVersion: (vaultUrl, name, version) =>
        network.act<DisableOutcome>(process, 'disableVersion', `DISABLE ${version}`, {
          effect: () => {
            for (const each of this.of(vaultUrl, name)) if (each.version === version) each.enabled = false;
            this.provenAt.set(vaultUrl, network.now);
            return { kind: 'disabled' };
          },
          refused: unavailable,
          silent: unavailable,
        }),
    };
  }
}

const idOf = ({ vaultUrl, name, version }: Pick<FakeVersion, 'vaultUrl' | 'name' | 'version'>): string =>
  `${vaultUrl}/secrets/${name}/${version}`;

const metadataOf = (each: FakeVersion): VersionMetadata => ({
  id: idOf(each),
  version: each.version,
  enabled: each.enabled,
  tags: each.tags,
  contentType: each.contentType,
  createdAt: each.createdAt,
  ...(each.expiresOn && { expiresAt: each.expiresOn.getTime() }),
});
