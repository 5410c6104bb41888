import type { SecretClient } from '@azure/keyvault-secrets';
import { DAY_MS, iso } from '../../vending/model/timings.ts';
import type { Clock } from '../../vending/ports/runtime.ts';
import type { WritableOutcome } from '../../vending/ports/secret-vault.ts';
import { within, withoutDeadline } from '../deadline.ts';
import { traceOf } from '../upstream-trace.ts';
import { propertiesOfVersions } from './versions.ts';
import type { SecretClients } from './write-tries.ts';

const PROOF_TTL_MS = 60_000;
const PROBE_DEADLINE_MS = 5_000;

/** A policy of the vault may demand an expiry, and may bound it from the day on which the version is made. */
const PROBE_VALIDITY_MS = 90 * DAY_MS;
/** Key Vault publishes an event when a version has 30 days left. */
const PROBE_RENEWAL_MS = 31 * DAY_MS;

/** Remembers which vaults took a write, and proves others by a change of the probe secret's tags. */
export class Writability {
  readonly #lastWrite = new Map<string, number>();
  readonly #probes = new Map<string, Promise<WritableOutcome>>();
  readonly #clients: SecretClients;
  readonly #clock: Clock;
  readonly #probeName: string;

  constructor(clients: SecretClients, clock: Clock, probeName: string) {
    this.#clients = clients;
    this.#clock = clock;
    this.#probeName = probeName;
  }

  wrote(vaultUrl: string): void {
    this.#lastWrite.set(vaultUrl, this.#clock.now());
  }

  /** The proof is void: a vault that just failed must take a write before another key is minted for it. */
  failed(vaultUrl: string): void {
    this.#lastWrite.delete(vaultUrl);
  }

  isProven(vaultUrl: string): boolean {
    const last = this.#lastWrite.get(vaultUrl);
    return last !== undefined && this.#clock.now() - last < PROOF_TTL_MS;
  }

  prove(vaultUrl: string): Promise<WritableOutcome> {
    if (this.isProven(vaultUrl)) return Promise.resolve({ kind: 'writable' });
    const probe = this.#probes.get(vaultUrl) ?? this.#probe(vaultUrl).finally(() => this.#probes.delete(vaultUrl));
    this.#probes.set(vaultUrl, probe);
    return probe;
  }

  async #probe(vaultUrl: string): Promise<WritableOutcome> {
    try {
      // Invocations share a probe, so the deadline of none of them ends it.
      await withoutDeadline(() => within(PROBE_DEADLINE_MS, (signal) => this.#write(this.#clients(vaultUrl), signal)));
      this.wrote(vaultUrl);
      return { kind: 'writable' };
    } catch (error) {
      return { kind: 'not-writable', upstream: traceOf('vault', error) };
    }
  }

  /** An update adds no version. A probe that stored each time would pile them up. */
  async #write(client: SecretClient, abortSignal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const probe = { contentType: 'text/plain', tags: { probedAt: iso(now) }, abortSignal };
    const [newest] = await propertiesOfVersions(client, this.#probeName);
    if (newest?.version !== undefined && (newest.expiresOn?.getTime() ?? 0) - now > PROBE_RENEWAL_MS) {
      await client.updateSecretProperties(this.#probeName, newest.version, probe).catch(unlessConflict);
    } else {
      const expiresOn = new Date(now + PROBE_VALIDITY_MS);
      await client.setSecret(this.#probeName, 'write-probe', { ...probe, expiresOn }).catch(unlessConflict);
    }
  }
}

/** A conflict is about the probe alone, which is deleted or is being written by others: the vault takes writes. */
function unlessConflict(error: unknown): void {
  if (traceOf('vault', error).status !== 409) throw error;
}
