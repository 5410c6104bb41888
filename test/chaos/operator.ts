import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { issueToken } from '../../src/sandbox/azure/tokens.ts';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { type OperatorView, operatorViewSchema } from '../../src/vending/answers/credential.ts';
import { openPageSchema } from '../../src/vending/commands/open.ts';
import type { Resolution } from '../../src/vending/commands/resolution.ts';
import { ABSENCE_PROVES_MS } from '../../src/vending/model/timings.ts';
import { SKEW_MS } from './clocks.ts';
import type { ClientWorld } from './http-client.ts';
import type { Order } from './orders.ts';
import type { Random } from './random.ts';
import { TIMINGS } from './timings.ts';

export interface Resolved {
  readonly orphans: number;
  readonly none: number;
  /** Reviews that had decided nothing, and that an operator asked for at once. */
  readonly looks: number;
  readonly discrepancies: readonly string[];
}

const OPERATOR = { oid: '99999999-9999-4999-8999-999999999999', roles: [WORLD.operatorRole] };
const TRIES = 30;
const RETRY_MS = 1_000;
const OPERATIONS = '/api/v1/operations/credentials';

/** Does what the runbook says: looks in Confluent for the marker of every unknown attempt, and says what is there. */
export async function resolveOpen(world: ClientWorld, random: Random): Promise<Resolved> {
  let [orphans, none, looks] = [0, 0, 0];
  const discrepancies: string[] = [];
  const say = async (id: string, resolution: Resolution): Promise<boolean> => {
    const refusal = await insist(world, random, id, resolution);
    if (refusal !== undefined) discrepancies.push(`${resolution.decision} is refused for credential ${id}: ${refusal}`);
    return refusal === undefined;
  };
  for (const { id, marker } of await list(world, random, 'unknown')) {
    const word = wordOn(world, marker);
    const isSaid = Number(await say(id, word));
    if (word.decision === 'key') orphans += isSaid;
    else none += isSaid;
  }
  for (const { id } of await list(world, random, 'undecided')) looks += Number(await say(id, { decision: 'look' }));
  return { orphans, none, looks, discrepancies };
}

/** An operator looks in Confluent for the marker, and names the key that carries it. */
function wordOn({ azure }: ClientWorld, marker: string | undefined): Resolution {
  const orphan = azure.arm
    .keys()
    .find(({ deleted, description }) => !deleted && description.split(' ').at(-1) === marker);
  return orphan === undefined ? { decision: 'none' } : { decision: 'key', apiKeyId: orphan.id };
}

/** Lease and settling time are over, and every key of the attempt is old, by everybody's clock. */
const isOld = ({ attempt }: OperatorView, now: number): boolean =>
  attempt !== undefined && now >= Date.parse(attempt.leaseUntil) + TIMINGS.settleMs + ABSENCE_PROVES_MS + SKEW_MS;

const DECISION_MS = 5_000;

/**
 * The same in the storm, about what is old enough. There a refusal is no discrepancy: a service did not answer, or the
 * answer to an earlier word was lost.
 *
 * @returns how many words were taken
 */
export async function decide(world: ClientWorld, random: Random, storm: AbortSignal): Promise<number> {
  let taken = 0;
  while (!storm.aborted) {
    await sleep(random.int(0, DECISION_MS), undefined, { signal: storm }).catch(() => undefined);
    const page = openPageSchema.safeParse(await call(world, random, 'GET', `${OPERATIONS}?reason=unknown`));
    for (const view of page.data?.credentials ?? []) {
      if (storm.aborted) break;
      if (!isOld(view, world.azure.clock.now())) continue;
      const answer = await resolve(world, random, view.id, wordOn(world, view.marker));
      taken += Number(operatorViewSchema.safeParse(answer).success);
    }
  }
  return taken;
}

const GLANCE_MS = 1_500;

/** An operator reviews credentials in the storm: reviews run beside workers, reconcilers and one another. */
export async function glance(
  world: ClientWorld,
  orders: readonly Order[],
  random: Random,
  storm: AbortSignal,
): Promise<number> {
  let looks = 0;
  while (!storm.aborted) {
    await sleep(random.int(0, GLANCE_MS), undefined, { signal: storm }).catch(() => undefined);
    const order = orders[random.int(0, orders.length)];
    if (order === undefined) continue;
    const answer = await resolve(world, random, order.id, { decision: 'look' });
    looks += Number(operatorViewSchema.safeParse(answer).success);
  }
  return looks;
}

async function list(
  world: ClientWorld,
  random: Random,
  reason: 'unknown' | 'undecided',
): Promise<readonly OperatorView[]> {
  const found: OperatorView[] = [];
  let next: string | undefined;
  do {
    const cursor = next === undefined ? '' : `&cursor=${encodeURIComponent(next)}`;
    const page = await pageOf(() => call(world, random, 'GET', `${OPERATIONS}?reason=${reason}${cursor}`));
    found.push(...page.credentials);
    next = page.next;
  } while (next !== undefined);
  return found;
}

/** A ledger that is slow to answer is asked again. */
async function pageOf(ask: () => Promise<unknown>): Promise<z.infer<typeof openPageSchema>> {
  for (let tries = 0; tries < TRIES; tries++) {
    const page = openPageSchema.safeParse(await ask());
    if (page.success) return page.data;
    await sleep(RETRY_MS);
  }
  throw new Error('The open credentials cannot be listed.');
}

const problemSchema = z.object({ detail: z.string() });

/** Undefined once it is done, or else why not. */
async function insist(
  world: ClientWorld,
  random: Random,
  id: string,
  resolution: Resolution,
): Promise<string | undefined> {
  let reason = 'no answer';
  for (let tries = 0; tries < TRIES; tries++) {
    const answer = await resolve(world, random, id, resolution);
    if (operatorViewSchema.safeParse(answer).success) return undefined;
    reason = problemSchema.safeParse(answer).data?.detail ?? reason;
    await sleep(RETRY_MS);
  }
  return reason;
}

const resolve = (world: ClientWorld, random: Random, id: string, resolution: Resolution): Promise<unknown> =>
  call(world, random, 'POST', `${OPERATIONS}/${id}/resolve`, resolution);

/** Undefined: no instance is up, or the connection was lost. */
export async function call(
  world: ClientWorld,
  random: Random,
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const url = world.fleet.url(random);
  if (url === undefined) return undefined;
  const { access_token } = await issueToken(world.azure.issuer, OPERATOR);
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    world.leaks.look('an answer to an operator', `${JSON.stringify([...response.headers])} ${text}`);
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
