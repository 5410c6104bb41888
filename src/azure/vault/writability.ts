import type { SecretClient } from '@azure/keyvault-secrets';
import type { Clock } from '../../vending/ports/clock.ts';
import type { WritableOutcome } from '../../vending/ports/secret-vault.ts';
import { within } from '../deadline.ts';
import { traceOf } from '../upstream-trace.ts';
import type { SecretClients } from './clients.ts';
import { newestVersion } from './versions.ts';

const GOOD_FOR_MS = 60_000;
const PROBE_DEADLINE_MS = 5_000;

/** Whether a vault takes writes: proven by the last one, or by touching the probe secret's tags. */
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

  prove(vaultUrl: string): Promise<WritableOutcome> {
    const last = this.#lastWrite.get(vaultUrl);
    if (last !== undefined && this.#clock.now() - last < GOOD_FOR_MS) return Promise.resolve({ kind: 'writable' });
    const probe = this.#probes.get(vaultUrl) ?? this.#probe(vaultUrl).finally(() => this.#probes.delete(vaultUrl));
    this.#probes.set(vaultUrl, probe);
    return probe;
  }

  async #probe(vaultUrl: string): Promise<WritableOutcome> {
    try {
      await within(PROBE_DEADLINE_MS, (signal) => this.#write(this.#clients(vaultUrl), signal));
      this.wrote(vaultUrl);
      return { kind: 'writable' };
    } catch (error) {
      return { kind: 'not-writable', upstream: traceOf('vault', error) };
    }
  }

  /** An update adds no version: a probe that stored would pile them up. */
  async #write(client: SecretClient, abortSignal: AbortSignal): Promise<void> {
    const options = { tags: { probedAt: new Date(this.#clock.now()).toISOString() }, abortSignal };
    const { version } = (await newestVersion(client, this.#probeName, abortSignal)) ?? {};
    if (version === undefined) await client.setSecret(this.#probeName, 'write-probe', options).catch(unlessDeleted);
    else await client.updateSecretProperties(this.#probeName, version, options);
  }
}

/** Somebody deleted the probe: the vault would take the write but for the name, and this identity may not recover it. */
function unlessDeleted(error: unknown): void {
  if (traceOf('vault', error).status !== 409) throw error;
}
