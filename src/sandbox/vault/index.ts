import type { SandboxClock } from '../clock/clock.ts';
import { serveEmulator } from '../kit/emulator.ts';
import type { FaultPlan } from '../kit/faults.ts';
import type { Traffic } from '../kit/traffic.ts';
import { type CurrentView, viewCurrent } from './current.ts';
import { type FrontOptions, routeCall, serviceHeaders, type Vault, vaultOf } from './front.ts';
import { type SecretEvent, watchSecrets } from './secret-events.ts';
import { SecretStore, type SecretVersion } from './secret-store.ts';

export interface VaultOptions extends FrontOptions {
  readonly tls: { readonly cert: string; readonly key: string };
  readonly faults: FaultPlan;
  readonly traffic?: Traffic | undefined;
  /** Names: vault `v` answers as `v.vault.azure.net`, the first also as 127.0.0.1 and localhost. */
  readonly vaults: readonly string[];
  readonly port?: number;
  readonly now?: () => Date;
  readonly softDeleteRetentionDays?: number;
  /** Absent: no events are published. */
  readonly events?: {
    readonly clock: Pick<SandboxClock, 'now' | 'at'>;
    tell(event: SecretEvent): void;
  };
}

export interface VersionView {
  readonly version: string;
  readonly value: string;
  readonly enabled: boolean;
  readonly contentType: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly expiresOn: string | null;
}

/** One exchange, without bodies. `status` is absent where the connection was cut. */
export interface VaultRequestRecord {
  readonly method: string;
  readonly path: string;
  readonly operation: string;
  readonly status: number | undefined;
  readonly vault: string | undefined;
  /** ISO 8601. */
  readonly at: string;
}

export interface VaultEmulator {
  readonly port: number;
  /** Versions in the order in which they were made; undefined where there is no such vault or live secret. */
  secrets(vault: string, name: string): readonly VersionView[] | undefined;
  /** The version that a GET without a version yields. Undefined: there is no such vault or live secret. */
  current(vault: string, name: string): CurrentView | undefined;
  /** Names of the live secrets. */
  names(vault: string): readonly string[];
  requests(): readonly VaultRequestRecord[];
  close(): Promise<void>;
}

const DEFAULT_RETENTION_DAYS = 90;

/**
 * Key Vault's secrets over HTTPS. In the fault plan the tokenless first request of a client is `challenge`, so that a
 * fault for `setSecret` meets the request that can act.
 */
export async function startVault(options: VaultOptions): Promise<VaultEmulator> {
  const now = options.now ?? (() => new Date());
  const retentionDays = options.softDeleteRetentionDays ?? DEFAULT_RETENTION_DAYS;
  const vaults: readonly Vault[] = options.vaults.map((name) => ({
    name: name.toLowerCase(),
    store: new SecretStore(now, retentionDays),
  }));
  const storeOf = (vault: string): SecretStore | undefined =>
    vaults.find((one) => one.name === vault.toLowerCase())?.store;
  const { events } = options;
  const watches = vaults.map(({ name, store }) => {
    const watch = events && watchSecrets(name, store, events.clock, events.tell);
    if (watch !== undefined) store.watch(watch.look);
    return watch;
  });
  const requests: VaultRequestRecord[] = [];
  const service = await serveEmulator({
    tls: options.tls,
    port: options.port ?? 0,
    faults: options.faults,
    traffic: options.traffic,
    service: 'vault',
    faultHeaders: serviceHeaders,
    route: (request) => routeCall(options, vaults, request),
    onExchange: ({ method, rawPath: path, host }, operation, status) => {
      const vault = vaultOf(vaults, host)?.name;
      requests.push({ method, path, operation, status, vault, at: now().toISOString() });
    },
  });
  return {
    port: service.port,
    secrets: (vault, name) => storeOf(vault)?.find(name)?.versions.map(viewOf),
    current: (vault, name) => viewCurrent(storeOf(vault), name),
    names: (vault) => (storeOf(vault)?.list() ?? []).map((secret) => secret.name),
    requests: () => [...requests],
    close: async () => {
      for (const watch of watches) watch?.close();
      await service.close();
    },
  };
}

const viewOf = (version: SecretVersion): VersionView => ({
  version: version.version,
  value: version.value,
  enabled: version.enabled,
  contentType: version.contentType ?? null,
  tags: version.tags ?? {},
  expiresOn: version.exp === undefined ? null : new Date(version.exp * 1000).toISOString(),
});
