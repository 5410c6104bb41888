import type { EmulatedAzure } from '../../src/sandbox/azure/azure.ts';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { FaultPlan } from '../../src/sandbox/kit/faults.ts';
import { readMarker } from '../../src/vending/model/idempotency.ts';
import { readTags } from '../../src/vending/secret/naming.ts';

/** What is looked at, and what is hooked: every call that the function makes of any service. */
export interface Watchable {
  readonly faults: FaultPlan;
  readonly arm: Pick<EmulatedAzure['arm'], 'keys'>;
  readonly vault: Pick<EmulatedAzure['vault'], 'secrets'>;
}

type Key = ReturnType<Watchable['arm']['keys']>[number];

interface Watched {
  /** Of the credential. */
  readonly id: string;
  readonly secretName: string;
}

const MAX_LIVE = 2;
const VAULT = WORLD.vaults[0];

/**
 * Looks at every upstream call where the references of rotated credentials lead: never, from the first vend on, to a secret
 * whose key is gone. And it counts the keys that live for each credential and each attempt.
 */
export class Watch {
  readonly violations = new Set<string>();
  readonly #azure: Watchable;
  readonly #watched = new Map<string, Watched>();
  /** By the key's id. */
  readonly #markers = new Map<string, ReturnType<typeof readMarker>>();
  looks = 0;

  constructor(azure: Watchable) {
    this.#azure = azure;
    const { faults } = azure;
    const take = faults.take.bind(faults);
    faults.take = (service, operation) => {
      this.look(operation);
      return take(service, operation);
    };
  }

  /** From now on: its secret was vended, and nobody revokes it. */
  add(watched: Watched): void {
    this.#watched.set(watched.id, watched);
    this.look('first vend');
  }

  look(moment: string): void {
    this.looks++;
    const keys = this.#azure.arm.keys();
    const byId = new Map(keys.map((key) => [key.id, key]));
    for (const watched of this.#watched.values()) this.#lookAt(watched, byId, moment);
    this.#count(keys, moment);
  }

  #lookAt({ id, secretName }: Watched, keys: ReadonlyMap<string, Key>, moment: string): void {
    const newest = this.#azure.vault.secrets(VAULT, secretName)?.at(-1);
    const key = keys.get(readTags(newest?.tags ?? {})?.keyId ?? '');
    const isRight = newest?.enabled === true && key?.deleted === false && newest.value.includes(key.secret);
    if (isRight) return;
    const what = newest?.enabled === true ? `the secret of key ${key?.id}, which is gone` : 'nothing';
    this.#violated(`the reference of credential ${id} led to ${what}`, moment);
  }

  #count(keys: readonly Key[], moment: string): void {
    const live = new Map<string, number>();
    for (const key of keys) {
      const marker = key.deleted ? undefined : this.#markerOf(key);
      if (marker === undefined) continue;
      const [credential, attempt] = [`credential ${marker.id}`, `attempt ${marker.attempt} of ${marker.id}`];
      live.set(credential, (live.get(credential) ?? 0) + 1);
      live.set(attempt, (live.get(attempt) ?? 0) + 1);
    }
    for (const [of, count] of live) {
      const most = of.startsWith('credential') ? MAX_LIVE : 1;
      if (count > most) this.#violated(`more than ${most} keys lived for ${of}`, moment);
    }
  }

  #markerOf({ id, description }: Key): ReturnType<typeof readMarker> {
    if (!this.#markers.has(id)) this.#markers.set(id, readMarker(description));
    return this.#markers.get(id);
  }

  #violated(what: string, moment: string): void {
    if (![...this.violations].some((known) => known.startsWith(what))) {
      this.violations.add(`${what}, at ${moment} ${new Date().toISOString()}`);
    }
  }
}
