import { afterAll, beforeAll, expect, it } from 'vitest';
import { createConfluentKeys } from '../../src/azure/arm/confluent-keys.ts';
import { createEventGridTopic } from '../../src/azure/events/event-grid-topic.ts';
import { createLedger } from '../../src/azure/ledger/ledger.ts';
import { createSecretVault } from '../../src/azure/vault/secret-vault.ts';
import { rowOf } from '../../src/vending/model/rows.ts';
import { Secret } from '../../src/vending/secret/secret.ts';
import { EVENTS } from '../vending/events/outgoing-events.ts';
import { DEFAULT_TIMINGS } from '../vending/world/timings.ts';
import { goodCredential as credential, MINT, mint, TARGET } from './arm/fixtures.ts';
import { type ScriptedArm, type SeenRequest, startScriptedArm } from './arm/scripted-arm.ts';
import { credentialOf } from './ledger/emulated-table.ts';

let server: ScriptedArm;
beforeAll(async () => {
  server = await startScriptedArm();
});
afterAll(() => server.close());

const CHALLENGE = 'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"';
const [EVENT] = EVENTS;
if (EVENT === undefined) throw new Error('There is no event to publish');

const arm = () => createConfluentKeys({ credential, endpoint: server.endpoint });
const ledger = () => createLedger({ credential, endpoint: server.endpoint, table: 'ledger', timings: DEFAULT_TIMINGS });
const clock = { now: () => Date.parse('2026-01-01T00:00:00Z'), sleep: async () => undefined };
const vault = () =>
  createSecretVault({ credential, clock, clientOptions: { disableChallengeResourceVerification: true } });
const topic = () => createEventGridTopic({ credential, endpoint: `${server.endpoint}/api/events` });

/** As text, without what differs from run to run, or from machine to machine. */
function textOf({ method, url, headers, body }: SeenRequest): string {
  const lines = Object.entries(headers).flatMap(([name, value]) => {
    if (['host', 'content-length', 'x-ms-client-request-id'].includes(name)) return [];
    return [`${name}: ${name === 'user-agent' ? String(value).split(' ', 1) : value}`];
  });
  return [`${method} ${url}`, ...lines.sort(), '', body]
    .join('\n')
    .replaceAll(server.endpoint, 'https://the.service')
    .replaceAll(/(batch|changeset)_[0-9a-f-]{36}/g, '$1_ID')
    .replaceAll('\r', '')
    .trim();
}

const ID = 'abcdefghijklmnopqrstuvwxyz';
const at = Date.parse('2026-01-01T00:00:00Z');
const secret = () => ({
  ...{ vaultUrl: server.endpoint, name: 'orders', value: new Secret('cfltAny'), contentType: 'text/plain' },
  ...{ tags: { 'vend-id': ID }, expiresOn: new Date('2027-01-01T00:00:00Z') },
});
const CALLS: readonly (readonly [name: string, call: () => Promise<unknown>])[] = [
  ['arm: a key is made', () => mint(arm(), MINT)],
  ['arm: a key is deleted', () => arm().deleteKey(TARGET, 'KEY')],
  ['arm: a key is looked at', () => arm().getKey(TARGET, 'KEY')],
  ['vault: a secret is stored', () => vault().store(secret(), 10_000)],
  ['vault: its proof that it takes writes', () => vault().proveWritable(server.endpoint)],
  ['vault: whether a name is free', () => vault().lookUpName(server.endpoint, 'orders')],
  ['vault: the versions of a secret', () => vault().listVersions(server.endpoint, 'orders')],
  ['vault: the names of all secrets', () => vault().listNames(server.endpoint)],
  ['vault: a version is disabled', () => vault().disableVersion(server.endpoint, 'orders', 'v1')],
  [
    'ledger: a credential is inserted',
    () => ledger().commit({ credential: { action: 'insert', value: credentialOf(ID) } }),
  ],
  [
    'ledger: a credential is replaced',
    () => ledger().commit({ credential: { action: 'replace', value: credentialOf(ID), etag: 'W/"1"' } }),
  ],
  [
    'ledger: rows beside it',
    () =>
      ledger().commit({
        insert: [rowOf('key', { apiKeyId: 'KEY', id: ID, attempt: 1 })],
        put: [rowOf('due', { id: ID, at })],
        remove: ['audit_x'],
      }),
  ],
  [
    'ledger: a credential is removed',
    () => ledger().commit({ credential: { action: 'remove', id: ID, etag: 'W/"1"' } }),
  ],
  ['ledger: a row is read', () => ledger().read('key', 'KEY')],
  ['ledger: rows are listed', () => ledger().list({ kind: 'caller', within: ['entra:t:a+b'], limit: 7 })],
  ['ledger: rows that are due', () => ledger().listDue({ kind: 'due', before: at, limit: 7 })],
  ['ledger: is it there', () => ledger().ping()],
  ['topic: an event', () => topic().publish(EVENT)],
];

it('every request is, to the letter, what wire.txt has: a header or a parameter more is another line there', async () => {
  const texts: string[] = [];
  for (const [name, call] of CALLS) {
    // Key Vault's client asks without a token first, and must not send the secret then.
    server.play((res, { headers }) => {
      if (headers.authorization === undefined) res.writeHead(401, { 'www-authenticate': CHALLENGE }).end();
      else res.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    });
    await call();
    const [asked, sent] = [true, false].map((bare) =>
      server.seen().filter(({ headers }) => (headers.authorization === undefined) === bare),
    );
    expect(asked?.map(({ body }) => body).join('')).toBe('');
    texts.push([`=== ${name}`, ...(sent ?? []).map(textOf)].join('\n'));
  }
  await expect(`${texts.join('\n\n')}\n`).toMatchFileSnapshot('wire.txt');
});
