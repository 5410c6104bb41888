import type { EmulatedAzure } from '../../src/sandbox/azure.ts';
import type { FaultPlan } from '../../src/sandbox/kit/faults.ts';
import { WORLD } from '../../src/sandbox/world.ts';
import { rotationIdOf } from '../../src/vending/model/idempotency.ts';
import { TAG_KEY } from '../../src/vending/secret/tags.ts';
import { markerIn } from './evidence.ts';

/** What is looked at, and what is hooked: every call that the function makes of any service. */
export interface Watchable {
  readonly faults: FaultPlan;
  readonly arm: Pick<EmulatedAzure['arm'], 'keys'>;
  readonly vault: Pick<EmulatedAzure['vault'], 'secrets'>;
}

type Key = ReturnType<Watchable['arm']['keys']>[number];

interface Watched {
  readonly secretName: string;
  readonly requestId: string;
}

/** A request, and the rotations that may follow upon one another. */
const GENERATIONS = 12;
const MOST_LIVE = 2;
const VAULT = WORLD.vaults[0];

/**
 * Looks at every upstream call what the references of rotated keys lead to: never, from the first vend on, to a secret
 * whose key is gone; and counts the keys that live for one secret.
 */
export class Watch {
  readonly violations = new Set<string>();
  readonly #azure: Watchable;
  readonly #watched = new Map<string, Watched>();
  /** The first request of the rotations that an intent id belongs to. */
  readonly #firstOf = new Map<string, string>();
  /** Whose key it is, by the key's id. */
  readonly #ownerOf = new Map<string, string | undefined>();
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

  /** From now on: its secret was vended. */
  add({ requestId, caller, secretName }: Watched & { readonly caller: string }): void {
    this.#watched.set(requestId, { requestId, secretName });
    let id = requestId;
    for (let generation = 0; generation < GENERATIONS; generation++) {
      this.#firstOf.set(id, requestId);
      id = rotationIdOf({ id, caller });
    }
    this.look('first vend');
  }

  look(moment: string): void {
    if (this.#watched.size === 0) return;
    this.looks++;
    const keys = this.#azure.arm.keys();
    const byId = new Map(keys.map((key) => [key.id, key]));
    for (const watched of this.#watched.values()) this.#lookAt(watched, byId, moment);
    this.#count(keys, moment);
  }

  #lookAt({ requestId, secretName }: Watched, keys: ReadonlyMap<string, Key>, moment: string): void {
    const current = this.#azure.vault.secrets(VAULT, secretName)?.at(-1);
    const key = keys.get(current?.tags[TAG_KEY] ?? '');
    const isRight = current?.enabled === true && key?.deleted === false && current.value.includes(key.secret);
    if (isRight) return;
    const what = current?.enabled === true ? `the secret of key ${key?.id}, which is gone` : 'nothing';
    this.#violated(`the reference of request ${requestId} led to ${what}`, moment);
  }

  #count(keys: readonly Key[], moment: string): void {
    const live = new Map<string, number>();
    for (const key of keys) {
      const first = key.deleted ? undefined : this.#firstOf.get(this.#owner(key) ?? '');
      if (first === undefined) continue;
      const count = (live.get(first) ?? 0) + 1;
      live.set(first, count);
      if (count > MOST_LIVE) this.#violated(`more than two keys lived for the secret of request ${first}`, moment);
    }
  }

  #owner({ id, description }: Key): string | undefined {
    if (!this.#ownerOf.has(id)) this.#ownerOf.set(id, markerIn(description)?.requestId);
    return this.#ownerOf.get(id);
  }

  #violated(what: string, moment: string): void {
    if (![...this.violations].some((known) => known.startsWith(what))) {
      this.violations.add(`${what}, at ${moment} ${new Date().toISOString()}`);
    }
  }
}
