import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { WORLD } from '../azure/world.ts';
import { ask, type CallerName, type FunctionRequest } from './ask.ts';
import { type Stage, until } from './stage.ts';

const LEAKED = 'lkc-1126wj';
const SAFE = WORLD.target.clusterId;

/** Forty keys of three teams. */
const TEAMS: readonly Team[] = [
  { name: 'portal', from: 'portal', cluster: SAFE, keys: 14 },
  { name: 'portal', from: 'portal', cluster: LEAKED, keys: 6 },
  { name: 'onboarding', from: 'queue', cluster: SAFE, keys: 10 },
  { name: 'payments', from: 'payments', cluster: LEAKED, keys: 10 },
];

interface Team {
  readonly name: string;
  readonly from: CallerName | 'queue';
  readonly cluster: string;
  readonly keys: number;
}

const previewSchema = z.looseObject({ count: z.int(), credentials: z.array(z.string()) });
const bulkSchema = z.looseObject({ id: z.string(), state: z.string(), count: z.int() });
const progressSchema = bulkSchema.extend({ done: z.int(), left: z.int(), failedCount: z.int() });
type Progress = z.infer<typeof progressSchema>;

/**
 * A cluster's keys leak. A dry run lists them, a bulk revocation ends them, and the keys of the other cluster live.
 *
 * @throws Error where any of it does not happen.
 */
export async function runLeakDemo(stage: Stage): Promise<void> {
  const { heading, show, say } = stage.narrator;
  const { clock } = stage.azure;
  const before = countByCluster(stage);
  const [leakedBefore, safeBefore] = [before[LEAKED] ?? 0, before[SAFE] ?? 0];
  heading('Forty keys of three teams');
  for (const team of TEAMS) await vendKeys(stage, team);
  await until('all keys are vended', () => countByCluster(stage)[SAFE] === safeBefore + 24 || undefined);
  show('Alive in Confluent', countByCluster(stage));

  heading(`Keys of the cluster ${LEAKED} leaked: which are they?`);
  const key = `leak-${randomUUID()}`;
  const leak = { operation: 'revoke', filter: { cluster: LEAKED, status: 'vended' } };
  const dryRun = previewSchema.parse(await operate(stage, '/bulk', { ...leak, validateOnly: true }, key));
  show('Dry run', { count: dryRun.count, credentials: `${dryRun.credentials.length} ids` });
  if (dryRun.count < 16 || dryRun.count > leakedBefore + 16)
    throw new Error(`The dry run names ${dryRun.count} credentials.`);

  heading('They are revoked, as one act');
  const begun = bulkSchema.parse(await operate(stage, '/bulk', { ...leak, expect: dryRun.count }, key));
  show('Begun', { state: begun.state, count: begun.count });
  // A worker that revokes has half a minute before a review goes on with its work.
  await setTimeout(1_500);
  await clock.advance(60_000);
  const done = await until('every member is revoked', async () => {
    const now = progressSchema.parse(await operate(stage, `/bulk/${begun.id}`));
    return now.done === now.count ? now : undefined;
  });
  show('Done', progressOf(done));
  const after = countByCluster(stage);
  show('Alive in Confluent', after);
  if (after[SAFE] !== safeBefore + 24 || after[LEAKED] !== undefined) throw new Error('The wrong keys live.');

  heading('The audit trail tells it');
  const lines = stage.logs().map((line) => JSON.stringify(line));
  const named = lines.filter((line) => line.includes(`bulk:${begun.id}`));
  // A record may come twice.
  const revoked = new Set(named.map((line) => /credentialId\W+(\w{26})/.exec(line)?.[1]));
  say(`Records of ${revoked.size} credentials name bulk:${begun.id} and who asked for it.`);
  if (revoked.size !== dryRun.count) throw new Error('Records are missing from the audit trail.');
}

const operate = (stage: Stage, path: string, body?: object, idempotencyKey?: string): Promise<unknown> =>
  expectOk(stage, {
    ...{ method: body === undefined ? 'GET' : 'POST', path: `/api/v1/operations${path}`, as: 'operator' },
    ...{ body, idempotencyKey },
  });

async function expectOk(stage: Stage, request: FunctionRequest): Promise<unknown> {
  const { status, body } = await ask(stage, request);
  if (status >= 300) throw new Error(`${request.method} ${request.path}: ${status} ${JSON.stringify(body)}`);
  return body;
}

async function vendKeys(stage: Stage, { name, from, cluster, keys }: Team): Promise<void> {
  for (let number = 1; number <= keys; number++) {
    const idempotencyKey = `${name}-${randomUUID()}`;
    const body = { environmentId: WORLD.target.environmentId, clusterId: cluster, name: `${name} ${number}` };
    if (from === 'queue') stage.azure.broker.enqueue(WORLD.queues.request, { messageId: idempotencyKey, body });
    else await expectOk(stage, { method: 'POST', path: '/api/v1/credentials', body, idempotencyKey, as: from });
  }
  stage.narrator.say(`${name}: ${keys} keys for ${cluster}`);
}

function countByCluster({ azure }: Stage): Record<string, number> {
  const living = azure.arm.keys().filter(({ deleted }) => !deleted);
  const byCluster = Object.groupBy(living, ({ clusterId }) => clusterId);
  return Object.fromEntries(Object.entries(byCluster).map(([cluster, keys = []]) => [cluster, keys.length]));
}

const progressOf = ({ state, count, done, left }: Progress): object => ({ state, count, done, left });
