import { beforeEach, expect, it } from 'vitest';
import { csvOf } from '../../../src/vending/answers/csv.ts';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { credentialIdOf } from '../../../src/vending/model/idempotency.ts';
import { iso } from '../../../src/vending/model/timings.ts';
import {
  DAY,
  HOUR,
  MINUTE,
  ID as MODEL_ID,
  NEXT,
  NOW,
  rows,
  SECRET_NAME,
  TARGET,
  VAULT_URL,
} from '../model/credentials.ts';
import { CALLER, REQUEST, vendIn } from '../world/steps.ts';
import { World } from '../world/world.ts';

const table = (rows: readonly Credential[], isOperator: boolean): string => csvOf({ rows, unreadable: [] }, isOperator);
const ofKey = (key: string): string => credentialIdOf(CALLER.id, { kind: 'key', key });

let world: World;
beforeEach(async () => {
  world = new World();
  await vendIn(world, { key: { kind: 'key', key: 'a' } });
  world.pass(1_000);
});

it('a table has a line for each credential, and nothing that a spreadsheet would compute', async () => {
  const request = { ...REQUEST, name: '=HYPERLINK("https://x")' };
  await vendIn(world, { key: { kind: 'key', key: 'formula' }, request });
  const rows = world.ledger.all('credential').filter(({ id }) => id === ofKey('formula') || id === ofKey('a'));
  const [head = '', ...lines] = table(
    rows.toSorted((a, b) => a.createdAt - b.createdAt),
    true,
  )
    .trimEnd()
    .split('\r\n');
  expect(lines).toHaveLength(2);
  const of = (line: string | undefined, column: string): string | undefined =>
    line?.split(',')[head.split(',').indexOf(column)];
  expect(of(lines[0], 'status')).toBe('vended');
  expect(of(lines[0], 'apiKeyId')).toBe(world.ledger.get(ofKey('a'))?.current?.key.id);
  expect(of(lines[1], 'name')).toBe(`"'=HYPERLINK(""https://x"")"`);
  expect(table(rows, true)).not.toContain(world.confluent.keys[0]?.secret);
});

it.each(['=1', '+1', '-1', '@x', ' =1', '\t=1', '\n=1', 'x;=1', 'x;\t=1', '＝1'])('the cell %j is defused', (name) => {
  const [row] = world.ledger.all('credential');
  if (row === undefined) throw new Error('There is none.');
  expect(table([{ ...row, name }], true)).toMatch(/(?:,"?|[;\t])'\s*[=+\-@＝]/);
});

it('a table shows callers and managers no more than JSON does', () => {
  const [head = ''] = table([], false).split('\r\n');
  expect(table([], true).split('\r\n')[0]?.split(',')).toEqual(expect.arrayContaining(['caller', 'rule', 'rotateAt']));
  for (const name of ['caller', 'rule', 'rotateAt']) expect(head.split(',')).not.toContain(name);
});

it('a table shows each part of a credential in its own column', () => {
  const row = rows.rotated({
    current: { ...NEXT, expiresOn: NOW + DAY, rotateAt: NOW + HOUR, vendedAt: NOW + MINUTE },
    closed: { since: NOW + 2 * DAY },
  });
  const [names = '', cells = ''] = table([row], true).split('\r\n');
  expect(names.split(',').map((name, at) => [name, cells.split(',')[at]])).toEqual([
    ['id', MODEL_ID],
    ['status', 'revoked'],
    ['caller', 'queue:orders'],
    ['rule', 'orders'],
    ['subscriptionId', TARGET.subscriptionId],
    ['resourceGroupName', TARGET.resourceGroupName],
    ['organizationName', TARGET.organizationName],
    ['environmentId', TARGET.environmentId],
    ['clusterId', TARGET.clusterId],
    ['name', 'orders'],
    ['vaultUrl', VAULT_URL],
    ['secretName', SECRET_NAME],
    ['secretVersion', 'v2'],
    ['apiKeyId', 'KEY2'],
    ['owner', 'sa-1'],
    ['previousApiKeyId', 'KEY1'],
    ['previousRevokeAt', iso(NOW + 25 * HOUR)],
    ['createdAt', iso(NOW)],
    ['vendedAt', iso(NOW + MINUTE)],
    ['expiresOn', iso(NOW + DAY)],
    ['rotateAt', iso(NOW + HOUR)],
    ['revokedAt', iso(NOW + 2 * DAY)],
  ]);
});

it('a table names to operators, and to nobody else, what this version cannot read', () => {
  const page = { rows: [], unreadable: ['a', 'b'] };
  expect(csvOf(page, true).split('\r\n').slice(1)).toEqual([
    `a,unreadable${','.repeat(20)}`,
    `b,unreadable${','.repeat(20)}`,
    '',
  ]);
  expect(csvOf(page, false).split('\r\n').slice(1)).toEqual(['']);
});
