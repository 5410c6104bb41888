import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { WORLD } from './azure/world.ts';
import type { TokenRequest } from './control/schemas.ts';
import { issueToken } from './control/tokens.ts';
import type { Sandbox } from './sandbox.ts';
import { heading, show } from './show.ts';

const LEAKED = 'lkc-1126wj';
const SAFE = WORLD.target.clusterId;
const DEADLINE_MS = 60_000;

const PORTAL: TokenRequest = {};
const PAYMENTS: TokenRequest = { oid: '77777777-7777-4777-8777-777777777777', roles: ['KeyVending.Requester'] };
const OPERATOR: TokenRequest = { oid: '99999999-9999-4999-8999-999999999999', roles: [WORLD.operatorRole] };

/** Forty keys of three teams. */
const TEAMS = [
  { name: 'portal', from: PORTAL, cluster: SAFE, keys: 14 },
  { name: 'portal', from: PORTAL, cluster: LEAKED, keys: 6 },
  { name: 'onboarding', from: 'queue', cluster: SAFE, keys: 10 },
  { name: 'payments', from: PAYMENTS, cluster: LEAKED, keys: 10 },
] as const;

const previewSchema = z.looseObject({ count: z.int(), credentials: z.array(z.string()) });
const bulkSchema = z.looseObject({ id: z.string(), state: z.string(), count: z.int() });
const progressSchema = bulkSchema.extend({ done: z.int(), left: z.int(), failedCount: z.int() });
type Progress = z.infer<typeof progressSchema>;

/**
 * A cluster's keys leak. A dry run lists them, a bulk revocation ends them, and the keys of the other cluster live.
 *
 * @throws Error where any of it does not happen.
 */
export async function runLeakDemo(sandbox: Sandbox, url: string): Promise<void> {
  const ask = askerOf(sandbox, url);
  heading('Forty keys of three teams');
  for (const team of TEAMS) await vendKeys(sandbox, ask, team);
  await until(() => (living(sandbox).length === 40 ? true : undefined));
  show('Alive in Confluent', countByCluster(sandbox));

  heading(`Keys of the cluster ${LEAKED} leaked: which are they?`);
  const leak = { operation: 'revoke', filter: { cluster: LEAKED } };
  const dryRun = previewSchema.parse(await ask('POST', '/operations/bulk', { ...leak, validateOnly: true }, 'leak'));
  show('Dry run', { count: dryRun.count, credentials: `${dryRun.credentials.length} ids` });
  if (dryRun.count !== 16) throw new Error(`The dry run names ${dryRun.count} credentials.`);

  heading('They are revoked, as one act');
  const begun = bulkSchema.parse(await ask('POST', '/operations/bulk', { ...leak, expect: dryRun.count }, 'leak'));
  show('Begun', { state: begun.state, count: begun.count });
  // A worker that revokes has half a minute before a review goes on with its work.
  await setTimeout(1_500);
  await sandbox.azure.clock.advance(60_000);
  const done = await until(async () => {
    const now = progressSchema.parse(await ask('GET', `/operations/bulk/${begun.id}`));
    return now.done === now.count ? now : undefined;
  });
  show('Done', progressOf(done));
  show('Alive in Confluent', countByCluster(sandbox));
  const left = living(sandbox);
  if (left.length !== 24 || left.some(({ cluster }) => cluster === LEAKED)) throw new Error('The wrong keys live.');

  heading('The audit trail tells it');
  const lines = sandbox.function.logs().map((line) => JSON.stringify(line));
  const named = lines.filter((line) => line.includes(`bulk:${begun.id}`));
  // A record may come twice.
  const revoked = new Set(named.map((line) => /credentialId\W+(\w{26})/.exec(line)?.[1]));
  console.log(`Records of ${revoked.size} credentials name bulk:${begun.id} and who asked for it.`);
  if (revoked.size !== dryRun.count) throw new Error('Records are missing from the audit trail.');
}

type Ask = (method: string, path: string, body?: object, key?: string, from?: TokenRequest) => Promise<unknown>;

const askerOf =
  ({ azure }: Sandbox, url: string): Ask =>
  async (method, path, body, key, from = OPERATOR) => {
    const { access_token: token } = await issueToken(azure.issuer, from);
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };

async function vendKeys(
  { azure }: Sandbox,
  ask: Ask,
  { name, from, cluster, keys }: (typeof TEAMS)[number],
): Promise<void> {
  for (let number = 1; number <= keys; number++) {
    const key = `${name}-${cluster}-${number}`;
    const body = { environmentId: WORLD.target.environmentId, clusterId: cluster, name: `${name} ${number}` };
    if (from === 'queue') azure.broker.enqueue(WORLD.queues.request, { messageId: key, body });
    else await ask('POST', '/credentials', body, key, from);
  }
  console.log(`${name}: ${keys} keys for ${cluster}`);
}

const living = ({ azure }: Sandbox): readonly { readonly cluster: string }[] =>
  azure.arm
    .keys()
    .filter(({ deleted }) => !deleted)
    .map(({ clusterId }) => ({ cluster: clusterId }));

function countByCluster(sandbox: Sandbox): Record<string, number> {
  const byCluster = Object.groupBy(living(sandbox), ({ cluster }) => cluster);
  return Object.fromEntries(Object.entries(byCluster).map(([cluster, keys = []]) => [cluster, keys.length]));
}

const progressOf = ({ state, count, done, left }: Progress): object => ({ state, count, done, left });

async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await setTimeout(100);
  }
  throw new Error(`It did not happen within ${DEADLINE_MS / 1000} s.`);
}
