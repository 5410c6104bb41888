import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowOf } from '../../src/vending/model/rows.ts';
import { Secret } from '../../src/vending/secret/secret.ts';
import { type Adapters, adaptersAt, challenging, EVENT } from './adapters.ts';
import { answering } from './arm/answering.ts';
import { MINT, mint, TARGET } from './arm/fixtures.ts';
import { type ScriptedArm, type SeenRequest, startScriptedArm } from './arm/scripted-arm.ts';
import { credentialOf } from './ledger/emulated-table.ts';

let server: ScriptedArm;
beforeAll(async () => {
  server = await startScriptedArm();
});
afterAll(() => server.close());

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
const secret = {
  ...{ name: 'orders', value: new Secret('cfltAny'), contentType: 'text/plain' },
  ...{ tags: { 'vend-id': ID }, expiresOn: new Date('2027-01-01T00:00:00Z') },
};

type Call = (on: Adapters, url: string) => Promise<unknown>;
const CALLS: readonly (readonly [name: string, call: Call])[] = [
  ['arm: a key is made', ({ arm }) => mint(arm, MINT)],
  ['arm: a key is deleted', ({ arm }) => arm.deleteKey(TARGET, 'KEY')],
  ['arm: a key is looked at', ({ arm }) => arm.getKey(TARGET, 'KEY')],
  ['vault: a secret is stored', ({ vault }, vaultUrl) => vault.store({ vaultUrl, ...secret }, 10_000)],
  ['vault: its proof that it takes writes', ({ vault }, url) => vault.proveWritable(url)],
  ['vault: whether a name is free', ({ vault }, url) => vault.lookUpName(url, 'orders')],
  ['vault: the versions of a secret', ({ vault }, url) => vault.listVersions(url, 'orders')],
  ['vault: the names of all secrets', ({ vault }, url) => vault.listNames(url)],
  ['vault: a version is disabled', ({ vault }, url) => vault.disableVersion(url, 'orders', 'v1')],
  [
    'ledger: a credential is inserted',
    ({ ledger }) => ledger.commit({ credential: { action: 'insert', value: credentialOf(ID) } }),
  ],
  [
    'ledger: a credential is replaced',
    ({ ledger }) => ledger.commit({ credential: { action: 'replace', value: credentialOf(ID), etag: 'W/"1"' } }),
  ],
  [
    'ledger: rows beside it',
    ({ ledger }) =>
      ledger.commit({
        insert: [rowOf('key', { apiKeyId: 'KEY', id: ID, attempt: 1 })],
        put: [rowOf('due', { id: ID, at })],
        remove: ['audit_x'],
      }),
  ],
  [
    'ledger: a credential is removed',
    ({ ledger }) => ledger.commit({ credential: { action: 'remove', id: ID, etag: 'W/"1"' } }),
  ],
  ['ledger: a row is read', ({ ledger }) => ledger.read('key', 'KEY')],
  ['ledger: rows are listed', ({ ledger }) => ledger.list({ kind: 'caller', within: ['entra:t:a+b'], limit: 7 })],
  ['ledger: rows that are due', ({ ledger }) => ledger.listDue({ kind: 'due', before: at, limit: 7 })],
  ['ledger: is it there', ({ ledger }) => ledger.ping()],
  ['topic: an event', ({ topic }) => topic.publish(EVENT)],
];

it('every request is, to the letter, what wire.txt has: a header or a parameter more is another line there', async () => {
  const texts: string[] = [];
  for (const [name, call] of CALLS) {
    server.play(challenging(answering(404, {}, { 'content-type': 'application/json' })));
    await call(adaptersAt(server.endpoint), server.endpoint);
    // Key Vault's client asks without a token first, and must not send the secret then.
    const [asked, sent] = [true, false].map((bare) =>
      server.seen().filter(({ headers }) => (headers.authorization === undefined) === bare),
    );
    expect(asked?.map(({ body }) => body).join('')).toBe('');
    texts.push([`=== ${name}`, ...(sent ?? []).map(textOf)].join('\n'));
  }
  await expect(`${texts.join('\n\n')}\n`).toMatchFileSnapshot('wire.txt');
});
