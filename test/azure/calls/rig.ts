import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { readConfig } from '../../../src/config.ts';
import { connect } from '../../../src/connect.ts';
import { startAzure } from '../../../src/sandbox/azure/azure.ts';
import { WORLD } from '../../../src/sandbox/azure/world.ts';
import { parseTlsRoutes, TLS_ROUTES_VARIABLE } from '../../../src/sandbox/tls/routes.ts';
import type { Outcome } from '../../../src/vending/commands/outcome.ts';
import { vend } from '../../../src/vending/commands/vend.ts';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { credentialIdOf } from '../../../src/vending/model/idempotency.ts';
import type { VendSettings } from '../../../src/vending/policy/policy.ts';
import type { Stored } from '../../../src/vending/ports/ledger.ts';
import { reconcile } from '../../../src/vending/review/reconcile.ts';
import { review } from '../../../src/vending/review/review.ts';
import { slotsFrom } from '../../../src/vending/review/rotation.ts';
import type { Context, Effects } from '../../../src/vending/saga/context.ts';
import { createOutbox } from '../../../src/vending/saga/outbox.ts';
import { CALLER, OWN, RULE } from '../../vending/world/steps.ts';
import { routeToEmulators } from '../emulated-hosts.ts';
import { Recorder } from './recorder.ts';

const ACTORS = {
  worker: { party: 'worker', name: 'worker' },
  reconciler: { party: 'reconciler', name: 'reconciler' },
  operator: { party: 'operator', name: 'operator:entra:t:o' },
} as const;

const { environmentId, clusterId } = WORLD.target;
const REQUEST = { environmentId, clusterId, name: 'orders' };
const { allowedOwners: _, ...rule } = RULE;

/**
 * The domain with the function's own adapters, wired by the function's own code, in the emulated Azure. The clock of the
 * domain may go ahead of Azure's.
 */
export async function startCallsRig() {
  const azure = await startAzure();
  const { appSettings } = azure;
  const readFile = (path: string): string => readFileSync(path, 'utf8');
  const routes = Object.fromEntries(parseTlsRoutes(appSettings[TLS_ROUTES_VARIABLE]));
  await routeToEmulators(routes, readFile(azure.caFile));
  // The client of managed identity reads it.
  Object.assign(process.env, appSettings);
  const config = readConfig({ env: appSettings, readFile });
  const stopping = new AbortController();
  const connected = connect(config, stopping.signal);
  const backgroundTasks = (): void => undefined;
  const outbox = createOutbox({ ledger: connected.effects.ledger, clock: connected.effects.clock, backgroundTasks });
  // What is done seconds later would come between the calls of another test.
  const effects: Effects = { ...connected.effects, backgroundTasks, outbox };
  const recorder = new Recorder(azure.traffic);
  let aheadMs = 0;
  const now = (): number => Date.now() + aheadMs;
  const clock: Effects['clock'] = { ...effects.clock, now, sleep: () => setTimeout(0) };
  const settingsOf = (more: object): VendSettings => ({ ...config.vend, policy: { rules: [{ ...rule, ...more }] } });
  const context = (party: keyof typeof ACTORS, changes: Partial<Effects> = {}): Context => ({
    ...{ ...effects, clock, log: () => undefined, audit: () => undefined, actor: ACTORS[party] },
    ...changes,
  });
  const vended = (key: string, more: object, terms: object, ctx: Context): Promise<Outcome> =>
    vend(ctx, settingsOf(terms), { caller: CALLER, key: { kind: 'key', key }, request: { ...REQUEST, ...more } });
  const row = async (id: string): Promise<Stored> => {
    const read = await effects.ledger.read('credential', id);
    if (read.kind !== 'found') throw new Error(`The ledger has no credential ${id}: ${read.kind}.`);
    return { credential: read.value, etag: read.etag };
  };
  /** What the work asks for until it is over. Rows that others left to be removed are removed before. */
  const callsOf = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    await effects.outbox.flush();
    recorder.take();
    await work();
    return recorder.take();
  };
  return {
    ...{ effects, context, row, callsOf, authority: OWN, settings: settingsOf({}) },
    pass: (ms: number): void => {
      aheadMs += ms;
    },
    /** @param terms of the policy's rule */
    vend: (key: string, more: object = {}, terms: object = {}) => vended(key, more, terms, context('worker')),
    /** A worker dies on the way to a key. @returns the id of its credential */
    die: async (key: string, changes: Partial<Effects>): Promise<string> => {
      await vended(key, {}, {}, context('worker', changes)).catch(() => undefined);
      return credentialIdOf(CALLER.id, { kind: 'key', key });
    },
    /** What one review of it asks for, after the run has read its row. */
    review: async (id: string, terms: object = {}): Promise<readonly string[]> => {
      const stored = await row(id);
      const means = { terms: settingsOf(terms), slots: slotsFrom(now()) };
      return callsOf(() => review(context('reconciler'), means, stored));
    },
    /** One run of the reconciler, one credential at a time. */
    run: () => reconcile(context('reconciler'), settingsOf({}), { page: 100, concurrency: 1 }),
    close: async (): Promise<void> => {
      stopping.abort();
      await connected.tasks.done();
      await azure.close();
    },
  } as const;
}

export type CallsRig = Awaited<ReturnType<typeof startCallsRig>>;

/** Of what was vended, rotated or revoked. */
export function credentialIn(outcome: Outcome): Credential {
  if (outcome.kind === 'problem' || !('credential' in outcome))
    throw new Error(`It ended as ${JSON.stringify(outcome)}.`);
  return outcome.credential;
}
