import { endOverlapNow } from '../../../src/vending/commands/end-overlap.ts';
import type { Outcome } from '../../../src/vending/commands/outcome.ts';
import type { VendCommand } from '../../../src/vending/commands/plan-vend.ts';
import { revoke } from '../../../src/vending/commands/revoke.ts';
import { rotate } from '../../../src/vending/commands/rotate.ts';
import { vend } from '../../../src/vending/commands/vend.ts';
import type { Authority } from '../../../src/vending/model/caller.ts';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { credentialIdOf, type IdempotencyKey, requestKeyOf } from '../../../src/vending/model/idempotency.ts';
import { ABSENCE_PROVES_MS } from '../../../src/vending/model/timings.ts';
import type { VendSettings } from '../../../src/vending/policy/policy.ts';
import type { PolicyRule } from '../../../src/vending/policy/policy-schema.ts';
import { hashRotation } from '../../../src/vending/request/operation.ts';
import { reconcile } from '../../../src/vending/review/reconcile.ts';
import { type Call, Crash, type Fault } from './network.ts';
import { DEFAULT_TIMINGS } from './timings.ts';
import { VAULT, World } from './world.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Until the reconciler may look at what is claimed now. */
export const AFTER_LEASE = DEFAULT_TIMINGS.leaseMs + DEFAULT_TIMINGS.settleMs + 1;
/** Until it may give up a key whose secret is not in the vault: by no other clock is its worker still within the lease. */
export const AFTER_DOUBT = AFTER_LEASE + ABSENCE_PROVES_MS;

export const CALLER = { id: 'queue:orders', roles: [] };
export const KEY: IdempotencyKey = { kind: 'key', key: 'order-1' };
export const REQUEST: VendCommand['request'] = { environmentId: 'env-12132', clusterId: 'lkc-1126wj', name: 'orders' };
/** Of the credential that `KEY` names. */
export const ID = credentialIdOf(CALLER.id, KEY);

export const RULE: PolicyRule = {
  name: 'orders',
  callers: { queues: ['orders'] },
  organizations: ['*'],
  environments: ['*'],
  clusters: ['*'],
  secretNamePrefix: 'orders-',
  allowedOwners: ['sa-*'],
};

export const SETTINGS: VendSettings = {
  mode: 'normal',
  policy: { rules: [RULE] },
  targetDefaults: {
    subscriptionId: '00000000-0000-0000-0000-000000000000',
    resourceGroupName: 'myResourceGroup',
    organizationName: 'myOrganization',
  },
  defaultVaultUrl: VAULT,
};

export const withRule = (change: Partial<PolicyRule>): VendSettings => ({
  ...SETTINGS,
  policy: { rules: [{ ...RULE, ...change }] },
});

export const OWN: Authority = { kind: 'caller', caller: CALLER };
export const OPERATOR: Authority = { kind: 'operator', caller: { id: 'entra:t:o', roles: ['Operator'] } };

interface VendOptions {
  readonly request?: Partial<VendCommand['request']>;
  readonly key?: IdempotencyKey;
  readonly settings?: VendSettings;
}

/** @throws where a problem does not say which credential it is about: nobody could look it up */
export async function about<T extends { readonly kind: string; readonly id?: unknown }>(id: string, work: Promise<T>) {
  const outcome = await work;
  if (outcome.kind === 'problem' && outcome.id !== id) throw new Error(`A problem of ${id} does not name it.`);
  return outcome;
}

export const vendIn = (
  world: World,
  { request = {}, key = KEY, settings = SETTINGS }: VendOptions = {},
): Promise<Outcome> =>
  about(
    credentialIdOf(CALLER.id, key),
    vend(world.ctx(), settings, { caller: CALLER, key, request: { ...REQUEST, ...request } }),
  );

interface RotateOptions {
  readonly id?: string;
  /** The idempotency key. */
  readonly key?: string;
  readonly authority?: Authority;
  readonly replaces?: string;
  /** ISO 8601. */
  readonly overlap?: string;
  readonly overlapMs?: number;
  readonly settings?: VendSettings;
}

export async function rotateIn(world: World, options: RotateOptions = {}): Promise<Outcome> {
  const { id = ID, key = 'r1', authority = OWN, replaces, overlap, overlapMs, settings = SETTINGS } = options;
  const asker = authority.kind === 'service' ? 'service' : authority.caller.id;
  const requestKey = requestKeyOf(asker, { kind: 'key', key });
  const requestHash = hashRotation({ replaces, overlap: overlap ?? overlapMs?.toString() });
  const command = { authority, id, requestKey, requestHash, replaces, overlapMs };
  return about(id, rotate(world.ctx(), settings, command));
}

export const revokeIn = (
  world: World,
  id = ID,
  authority: Authority = OWN,
  settings: VendSettings = SETTINGS,
): Promise<Outcome> => about(id, revoke(world.ctx(), settings, { authority, id }));

export const endOverlapIn = (world: World, apiKeyId: string, id = ID, authority: Authority = OWN): Promise<Outcome> =>
  about(id, endOverlapNow(world.ctx(), SETTINGS, { authority, id, apiKeyId }));

/** One run of the timer. */
export const tick = (world: World, settings: VendSettings = SETTINGS): Promise<void> =>
  reconcile(world.ctx('reconciler'), settings, { page: 100, concurrency: 2 });

/** Somebody who may die on the way: there is then no outcome. */
export async function orCrash<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Crash) return undefined;
    throw error;
  }
}

/** Faults by call and its number, from 1. */
export function faultsAt(script: Partial<Record<Call, Readonly<Record<number, Fault>>>>): World['fault'] {
  const seen = new Map<Call, number>();
  return (call) => {
    const nth = (seen.get(call) ?? 0) + 1;
    seen.set(call, nth);
    return script[call]?.[nth];
  };
}

/** A world with a fault on the nth call of one kind. */
export function failing(call: Call, fault: Fault, nth = 1): World {
  const world = new World();
  world.fault = faultsAt({ [call]: { [nth]: fault } });
  return world;
}

export function withoutFaults(world: World): void {
  world.fault = () => undefined;
}

/**
 * Runs a worker until it comes to the nth call of one kind, and holds it there.
 *
 * @returns what lets it go on, and gives what it comes to.
 */
export async function heldAt<T>(
  world: World,
  call: Call,
  nth: number,
  work: () => Promise<T>,
): Promise<() => Promise<T>> {
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let seen = 0;
  world.turn = async (name) => {
    if (name !== call) return;
    seen++;
    if (seen !== nth) return;
    reached.resolve();
    await gate.promise;
  };
  const worker = work();
  const ended = worker.then(() => Promise.reject(new Error(`The worker never came to ${call} number ${nth}.`)));
  await Promise.race([reached.promise, ended]);
  ended.catch(() => undefined);
  return () => {
    gate.resolve();
    return worker;
  };
}

export const typeOf = (outcome: Outcome): string => (outcome.kind === 'problem' ? outcome.problem.type : outcome.kind);

/** @throws where the ledger has no such credential */
export function rowIn(world: World, id = ID): Credential {
  const row = world.ledger.get(id);
  if (row === undefined) throw new Error(`The ledger has no credential ${id}.`);
  return row;
}

/** @throws where the outcome has no credential */
export function credentialOf(outcome: Outcome): Credential {
  if ('credential' in outcome) return outcome.credential;
  throw new Error(`Expected a credential, got ${JSON.stringify(outcome)}`);
}

/** Id of the current key. @throws where there is none */
export function currentKeyIn(world: World, id = ID): string {
  const keyId = rowIn(world, id).current?.key.id;
  if (keyId === undefined) throw new Error('The credential has no current key.');
  return keyId;
}
