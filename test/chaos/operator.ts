import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { issueToken } from '../../src/sandbox/control/tokens.ts';
import { WORLD } from '../../src/sandbox/world.ts';
import { intentPageSchema } from '../../src/vending/operate/list.ts';
import type { OperatorView } from '../../src/vending/operate/view.ts';
import type { ClientWorld } from './http-client.ts';
import type { Random } from './random.ts';

export interface Resolved {
  readonly orphans: number;
  readonly none: number;
  readonly discrepancies: readonly string[];
}

const OPERATOR = { oid: '99999999-9999-4999-8999-999999999999', roles: [WORLD.operatorRole] };
const TRIES = 30;
const RETRY_MS = 1_000;

/** Does what the runbook says of every unknown request: looks for its marker in Confluent, and resolves with what is there. */
export async function resolveUnknowns(world: ClientWorld, random: Random): Promise<Resolved> {
  let [orphans, none] = [0, 0];
  const discrepancies: string[] = [];
  for (const { requestId, marker } of await listUnknown(world, random)) {
    const keys = world.azure.arm.keys().filter(({ deleted }) => !deleted);
    const orphan = keys.find(({ description }) => description.split(' ').at(-1) === marker);
    const refusal = await resolve(world, random, requestId, orphan?.id ?? null);
    if (refusal !== undefined) discrepancies.push(`request ${requestId} cannot be resolved: ${refusal}`);
    else if (orphan === undefined) none++;
    else orphans++;
  }
  return { orphans, none, discrepancies };
}

async function listUnknown(world: ClientWorld, random: Random): Promise<readonly OperatorView[]> {
  const found: OperatorView[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page = intentPageSchema.parse(
      await call(world, random, 'GET', `?state=unknown${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`),
    );
    found.push(...page.intents);
    cursor = page.next;
  }
  return found;
}

const answerSchema = z.object({ detail: z.string().optional(), state: z.string().optional() });

/** Undefined once it is resolved; otherwise why not. */
async function resolve(
  world: ClientWorld,
  random: Random,
  requestId: string,
  apiKeyId: string | null,
): Promise<string | undefined> {
  let reason = 'no answer';
  for (let tries = 0; tries < TRIES; tries++) {
    const answer = answerSchema.parse(await call(world, random, 'POST', `/${requestId}/resolve`, { apiKeyId }));
    if (answer.state !== undefined) return undefined;
    reason = answer.detail ?? reason;
    await sleep(RETRY_MS);
  }
  return reason;
}

async function call(world: ClientWorld, random: Random, method: string, path: string, body?: object): Promise<unknown> {
  const { access_token } = await issueToken(world.azure.issuer, OPERATOR);
  const response = await fetch(`${world.fleet.url(random)}/api/v1/operations/intents${path}`, {
    method,
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  world.leaks.look('an answer to an operator', `${JSON.stringify([...response.headers])} ${text}`);
  return JSON.parse(text);
}
