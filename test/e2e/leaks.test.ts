import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { FaultRule } from '../../src/sandbox/kit/faults.ts';
import { CANARY, found } from './canary.ts';
import { EXAMPLE, OPERATOR, type Reply, Rig, until } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({
    AZURE_LOG_LEVEL: 'verbose',
    QUEUE_RETRY_BASE_SECONDS: '1',
    QUEUE_RETRY_LIMIT: '1',
    // The vault's client repeats what fails for as long as it may.
    STORE_DEADLINE_SECONDS: '3',
  });
});
afterEach(() => rig.heal());
afterAll(() => rig.close());

const replies: Reply[] = [];

const MATRIX: readonly (readonly [string, readonly FaultRule[]])[] = [
  ['nothing', []],
  ['mint: truncated answer', [{ service: 'arm', operation: 'createApiKey', fault: { truncate: true } }]],
  ['mint: dropped after', [{ service: 'arm', operation: 'createApiKey', fault: { drop: 'after' } }]],
  [
    'mint: answer that is no record',
    [{ service: 'arm', operation: 'createApiKey', fault: { answer: { id: '../x', secret: CANARY } } }],
  ],
  [
    'mint: error that echoes it',
    [
      {
        service: 'arm',
        operation: 'createApiKey',
        fault: { status: 400, body: { error: { code: CANARY, message: CANARY } } },
      },
    ],
  ],
  [
    'mint: 500 that echoes it',
    [
      {
        service: 'arm',
        operation: 'createApiKey',
        fault: { status: 500, body: CANARY, headers: { 'x-ms-request-id': CANARY } },
      },
    ],
  ],
  [
    'delete: error that echoes it',
    [
      {
        service: 'vault',
        operation: 'setSecret',
        fault: { status: 403, body: { error: { code: 'Forbidden', message: CANARY } } },
      },
      {
        service: 'arm',
        operation: 'deleteApiKey',
        fault: { status: 500, body: { error: { code: 'x', message: CANARY } } },
      },
    ],
  ],
  [
    'store: refused, echoing it',
    [
      {
        service: 'vault',
        operation: 'setSecret',
        fault: { status: 400, body: { error: { code: 'BadParameter', message: CANARY }, value: CANARY } },
      },
    ],
  ],
  [
    'store: 500 echoing it',
    [{ service: 'vault', operation: 'setSecret', fault: { status: 500, body: { value: CANARY } } }],
  ],
  ['store: truncated answer', [{ service: 'vault', operation: 'setSecret', times: 2, fault: { truncate: true } }]],
  ['store: dropped after', [{ service: 'vault', operation: 'setSecret', times: 1, fault: { drop: 'after' } }]],
  ['ledger: fails after the claim', [{ service: 'table', operation: 'batch', after: 1, fault: { status: 503 } }]],
  ['ledger: dropped after', [{ service: 'table', operation: 'batch', after: 1, times: 2, fault: { drop: 'after' } }]],
];

/** The answer may come minutes later: a refusal of the vault is tried again then. */
const answered = (messageId: string): Promise<true> =>
  until(async () => {
    if (rig.replies().some(({ correlationId }) => correlationId === messageId)) return true;
    if (rig.replies(WORLD.queues.retry).some(({ state }) => state === 'scheduled')) await rig.advance('PT1M');
    return undefined;
  });

it.each(MATRIX)(
  'a canary secret stays in the vault path when %s goes wrong',
  async (what, rules) => {
    for (const format of ['secret', 'json', 'jaas', 'basic-auth']) {
      const request = { ...EXAMPLE, secretFormat: format };
      const arm = async (): Promise<void> => {
        rig.heal();
        for (const rule of rules) {
          const answers = rule.service === 'arm' && rule.operation === 'createApiKey';
          rig.fault(answers ? { ...rule, fault: { secret: CANARY, ...rule.fault } } : rule);
        }
        rig.fault({ service: 'arm', operation: 'createApiKey', fault: { secret: CANARY } });
      };
      await arm();
      const vended = await rig.post(request, { key: `${what} ${format}` });
      replies.push(vended);
      await arm();
      if (vended.status === 201) replies.push(await rig.rotate(String(vended.body.id), `${what} ${format}`));
      await arm();
      rig.send(`${what} ${format}`, request);
      await answered(`${what} ${format}`);
    }
  },
  120_000,
);

it('and the search for it bites: it finds the canary where it belongs, in the vault', () => {
  const { vault } = rig.sandbox.azure;
  const stored = vault.names(WORLD.vaults[0]).map((name) => JSON.stringify(rig.versions(name)));
  expect(stored.filter((secret) => found(secret).length > 0).length).toBeGreaterThan(3);
});

/** Reads everything again, as callers and as operators. */
async function askedAgain(): Promise<Reply[]> {
  rig.heal();
  const operator = await rig.token(OPERATOR);
  const ids = replies.map(({ body }) => body.id ?? body.credentialId).filter((id) => id !== undefined);
  const lists = ['/v1/credentials', '/v1/operations/credentials'];
  const shown = [
    ...(await Promise.all(ids.map((id) => rig.get(`/v1/credentials/${id}`)))),
    ...(await Promise.all(lists.map((path) => rig.get(path, operator)))),
  ];
  // The ledger may have failed before it had the credential.
  expect(shown.filter(({ status }) => status !== 200 && status !== 404)).toEqual([]);
  expect(shown.filter(({ status }) => status === 200).length).toBeGreaterThan(MATRIX.length);
  return shown;
}

it('is in no HTTP answer, header, log line, ledger row, reply, dead letter or tag', async () => {
  const { broker, tables, vault } = rig.sandbox.azure;
  expect(replies.some(({ status }) => status === 201)).toBe(true);
  const shown = [...replies, ...(await askedAgain())];
  const answers = shown.map(({ headers, body }) => JSON.stringify([...headers, body]));
  expect(answers.flatMap(found)).toEqual([]);
  const logs = rig.sandbox.function.logs().map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  expect(logs.some((line) => line.includes('azure:'))).toBe(true);
  expect(logs.filter((line) => found(line).length > 0)).toEqual([]);
  expect(found(JSON.stringify(await tables.rows(WORLD.ledgerTable)))).toEqual([]);
  const messages = broker.queueNames().map((queue) => JSON.stringify(broker.view(queue)));
  expect(messages.flatMap(found)).toEqual([]);
  const tags = vault
    .names(WORLD.vaults[0])
    .flatMap((name) => (rig.versions(name) ?? []).map((version) => version.tags));
  expect(found(JSON.stringify(tags))).toEqual([]);
});
