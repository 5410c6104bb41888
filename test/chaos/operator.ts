import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { issueToken } from '../../src/sandbox/control/tokens.ts';
import { WORLD } from '../../src/sandbox/world.ts';
import { type IntentPage, intentPageSchema } from '../../src/vending/operate/list.ts';
import type { OperatorView } from '../../src/vending/operate/view.ts';
import type { ClientWorld } from './http-client.ts';
import type { Random } from './random.ts';

export interface Resolved {
  /** Keys whose delete Confluent had refused, and that are revoked now. */
  readonly revoked: number;
  readonly orphans: number;
  readonly none: number;
  readonly discrepancies: readonly string[];
}

const OPERATOR = { oid: '99999999-9999-4999-8999-999999999999', roles: [WORLD.operatorRole] };
const TRIES = 30;
const RETRY_MS = 1_000;

/**
 * Does what the runbook says. Of every unknown request: looks for its marker in Confluent, and resolves with what is there.
 * Of every key whose delete Confluent refused: asks for it once more.
 */
export async function resolveUnknowns(world: ClientWorld, random: Random): Promise<Resolved> {
  let [orphans, none, revoked] = [0, 0, 0];
  const discrepancies: string[] = [];
  for (const { requestId, marker } of await list(world, random, 'unknown')) {
    const keys = world.azure.arm.keys().filter(({ deleted }) => !deleted);
    const orphan = keys.find(({ description }) => description.split(' ').at(-1) === marker);
    const refusal = await resolve(world, random, requestId, orphan?.id ?? null);
    if (refusal !== undefined) discrepancies.push(`request ${requestId} cannot be resolved: ${refusal}`);
    else if (orphan === undefined) none++;
    else orphans++;
  }
  for (const { requestId } of await list(world, random, 'revoking')) {
    const refusal = await insist(() => call(world, random, 'DELETE', `api-keys/${requestId}`));
    if (refusal !== undefined) discrepancies.push(`request ${requestId} cannot be revoked: ${refusal}`);
    else revoked++;
  }
  return { orphans, none, revoked, discrepancies };
}

async function list(
  world: ClientWorld,
  random: Random,
  state: 'unknown' | 'revoking',
): Promise<readonly OperatorView[]> {
  const found: OperatorView[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const from = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await pageOf(() => call(world, random, 'GET', `${INTENTS}?state=${state}${from}`));
    found.push(...page.intents);
    cursor = page.next;
  }
  return found;
}

/** A ledger that is slow to answer is asked again. */
async function pageOf(ask: () => Promise<unknown>): Promise<IntentPage> {
  for (let tries = 0; tries < TRIES; tries++) {
    const page = intentPageSchema.safeParse(await ask());
    if (page.success) return page.data;
    await sleep(RETRY_MS);
  }
  throw new Error('The open requests cannot be listed.');
}

const INTENTS = 'operations/intents';
const answerSchema = z.object({
  detail: z.string().optional(),
  state: z.string().optional(),
  status: z.union([z.string(), z.number()]).optional(),
});

function resolve(
  world: ClientWorld,
  random: Random,
  requestId: string,
  apiKeyId: string | null,
): Promise<string | undefined> {
  return insist(() => call(world, random, 'POST', `${INTENTS}/${requestId}/resolve`, { apiKeyId }));
}

/** Undefined once it is done; otherwise why not. */
async function insist(ask: () => Promise<unknown>): Promise<string | undefined> {
  let reason = 'no answer';
  for (let tries = 0; tries < TRIES; tries++) {
    const answer = answerSchema.parse(await ask());
    if (answer.state !== undefined || answer.status === 'revoked') return undefined;
    reason = answer.detail ?? reason;
    await sleep(RETRY_MS);
  }
  return reason;
}

async function call(world: ClientWorld, random: Random, method: string, path: string, body?: object): Promise<unknown> {
  const { access_token } = await issueToken(world.azure.issuer, OPERATOR);
  const response = await fetch(`${world.fleet.url(random)}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  world.leaks.look('an answer to an operator', `${JSON.stringify([...response.headers])} ${text}`);
  return JSON.parse(text);
}
