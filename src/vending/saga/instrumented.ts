import type { UpstreamTrace } from '../model/tracing.ts';
import type { ConfluentKeys, MintConnection, MintOutcome } from '../ports/confluent.ts';
import type { SecretVault, StoreOutcome } from '../ports/secret-vault.ts';
import type { Instrument, SpanAttributes, Telemetry } from '../ports/telemetry.ts';
import type { Effects } from './context.ts';

const THROTTLED = 429;

/** The same effects, and what is to be measured of them. */
export function instrumented(effects: Effects, telemetry: Telemetry): Effects {
  const observer = { telemetry, now: () => effects.clock.now() };
  return {
    ...effects,
    telemetry,
    confluent: observedKeys(effects.confluent, observer),
    vault: observedVault(effects.vault, observer),
  };
}

interface Observer {
  readonly telemetry: Telemetry;
  now(): number;
}

function observedKeys(keys: ConfluentKeys, observer: Observer): ConfluentKeys {
  return {
    openMintConnection: () => observedConnection(keys.openMintConnection(), observer),
    throttledFor: (target) => keys.throttledFor(target),
    deleteKey: (target, keyId) => counted(observer, keys.deleteKey(target, keyId)),
    getKey: (target, keyId) => counted(observer, keys.getKey(target, keyId)),
  };
}

const observedConnection = (connection: MintConnection, observer: Observer): MintConnection => ({
  mint: (request, deadlineMs) => timed(observer, 'mint', () => connection.mint(request, deadlineMs), spanOfMint),
  discard: () => connection.discard(),
});

function observedVault(vault: SecretVault, observer: Observer): SecretVault {
  return {
    store: (secret, deadlineMs) => timed(observer, 'store', () => vault.store(secret, deadlineMs), spanOfStore),
    isProvenWritable: (vaultUrl) => vault.isProvenWritable(vaultUrl),
    proveWritable: (vaultUrl) => counted(observer, vault.proveWritable(vaultUrl)),
    lookUpName: (vaultUrl, name) => counted(observer, vault.lookUpName(vaultUrl, name)),
    listVersions: (vaultUrl, name) => counted(observer, vault.listVersions(vaultUrl, name)),
    listNames: (vaultUrl) => counted(observer, vault.listNames(vaultUrl)),
    disableVersion: (vaultUrl, name, version) => counted(observer, vault.disableVersion(vaultUrl, name, version)),
  };
}

interface Answer {
  readonly kind: string;
  readonly upstream?: UpstreamTrace;
}

const DURATIONS = {
  mint: 'vending.mint.duration',
  store: 'vending.store.duration',
} as const satisfies Record<string, Instrument>;

async function timed<T extends Answer>(
  observer: Observer,
  name: keyof typeof DURATIONS,
  effect: () => Promise<T>,
  describe: (outcome: T) => SpanAttributes,
): Promise<T> {
  const { telemetry, now } = observer;
  const startedAt = now();
  const outcome = await counted(observer, telemetry.span(name, {}, effect, describe));
  telemetry.measure(DURATIONS[name], (now() - startedAt) / 1000, { outcome: outcome.kind });
  return outcome;
}

async function counted<T extends Answer>({ telemetry }: Observer, answer: Promise<T>): Promise<T> {
  const outcome = await answer;
  const { upstream } = outcome;
  if (upstream?.status === THROTTLED) telemetry.measure('vending.throttled', 1, { service: upstream.service });
  return outcome;
}

/** Built field by field: beside these, the outcome holds the secret. */
function spanOfMint(outcome: MintOutcome): SpanAttributes {
  const key = 'key' in outcome ? { apiKeyId: outcome.key.id } : {};
  return { outcome: outcome.kind, upstream: outcome.upstream, ...key, failed: outcome.kind !== 'minted' };
}

const spanOfStore = ({ kind, upstream }: StoreOutcome): SpanAttributes => ({
  outcome: kind,
  upstream,
  failed: kind !== 'stored',
});
