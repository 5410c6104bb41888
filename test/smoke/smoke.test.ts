import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { Rig } from '../e2e/harness.ts';
import { infraFile } from '../infra/bicep/syntax.ts';
import { type Finished, IMPATIENT, runSmoke, tokenOf } from './command.ts';
import { type Front, startFront } from './front.ts';
import { QUESTIONS } from './questions.ts';

const STRANGER = '99999999-9999-9999-9999-999999999999';
const VAULT = 'https://vault.azure.net';

// Each of them starts a process or two that load Azure's clients.
vi.setConfig({ testTimeout: 120_000 });

let rig: Rig;
let front: Front;
beforeAll(async () => {
  rig = await Rig.start();
  front = await startFront(rig);
});
afterAll(async () => {
  await front.close();
  await rig.close();
});
afterEach(() => {
  front.honest();
  rig.heal();
  expect(rig.keys().filter(({ deleted }) => !deleted)).toEqual([]);
});

const printed = ({ stdout, stderr }: Finished): string => stdout + stderr;

it('vends, rotates and revokes one key; prints each check, a table for the runbook, and nothing that is secret', async () => {
  const token = await tokenOf(rig);
  const vaultToken = await tokenOf(rig, VAULT);
  const done = await runSmoke(rig, front.url, { SMOKE_TOKEN: token, SMOKE_VAULT_TOKEN: vaultToken });
  expect(done.stderr).toBe('');
  expect(done.stdout).toMatch(/\n22 ok, 0 failed, 0 not checked\n$/);
  expect(done.code).toBe(0);
  const [vended, rotated] = rig.keys().slice(-2);
  expect([vended?.deleted, rotated?.deleted]).toEqual([true, true]);
  expect(done.line('a key is vended')).toContain(`key ${vended?.id}`);
  expect(done.line('the key is rotated')).toContain(`key ${rotated?.id}`);
  expect(done.line('reference exists')).toMatch(/^ok .*enabled, tagged, expires \d{4}-/);
  for (const hidden of [token, vaultToken, vended?.secret, rotated?.secret])
    expect(printed(done)).not.toContain(hidden);
  const table = done.stdout.slice(done.stdout.indexOf('For infra/RUNBOOK.md:'));
  expect(table).toMatch(
    /\n\| 127\.0\.0\.1, \d{4}-\d\d-\d\d \| answer \|\n\|---\|---\|\n\| health\/ready \| ready \|\n/,
  );
  expect(table).toContain(`| ${QUESTIONS.mint} | yes |`);
  expect(table).toContain(`| ${QUESTIONS.owner} | {"id":"sa-`);
  expect(table).toContain(`| ${QUESTIONS.secret} | yes`);
  expect(table).toContain(`| ${QUESTIONS.actions} | yes`);
  expect(table).toContain('| replay gives the same reference | yes |');
  expect(table).toContain('| in the vault: reference exists | found |');
});

it('asks the Azure CLI for its tokens', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'az-'));
  const tokens = { app: await tokenOf(rig), vault: await tokenOf(rig, VAULT) };
  const script = `#!/bin/sh
case "$*" in
  *"--resource api://confluent-api-key-vending"*) token=${tokens.app} ;;
  *"--resource ${VAULT}"*) token=${tokens.vault} ;;
  *) echo "ERROR: not signed in" >&2; exit 1 ;;
esac
echo "{\\"accessToken\\": \\"$token\\", \\"expires_on\\": ${Math.floor(Date.now() / 1000) + 3600}, \\"tokenType\\": \\"Bearer\\"}"
`;
  writeFileSync(join(folder, 'az'), script);
  chmodSync(join(folder, 'az'), 0o755);
  const { SMOKE_TOKEN, SMOKE_VAULT_TOKEN, PATH } = process.env;
  expect([SMOKE_TOKEN, SMOKE_VAULT_TOKEN]).toEqual([undefined, undefined]);
  const env = { PATH: `${folder}:${PATH}`, SMOKE_TOKEN: '', SMOKE_VAULT_TOKEN: '' };
  const done = await runSmoke(rig, front.url, env);
  rmSync(folder, { recursive: true });
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.line('reference exists')).toMatch(/^ok /);
  for (const hidden of Object.values(tokens)) expect(printed(done)).not.toContain(hidden);
});

it('says so when its user may not read the vault, and checks the rest', async () => {
  const done = await runSmoke(rig, front.url, { SMOKE_VAULT_TOKEN: await tokenOf(rig, VAULT, STRANGER) });
  expect(done.code).toBe(0);
  expect(done.line('reference exists')).toMatch(/^skipped .*may not read the vault’s metadata: 403 Forbidden/);
  expect(done.stdout).toMatch(/\n18 ok, 0 failed, 4 not checked\n$/);
});

it('vends nothing where the app is not ready or not there', async () => {
  const before = rig.keys().length;
  front.tamper(({ path }, answer) =>
    path.endsWith('/ready') ? { ...answer, status: 503, body: '{"status":"not-ready","failing":["vault"]}' } : answer,
  );
  const unready = await runSmoke(rig, front.url, {}, IMPATIENT);
  expect(unready.code).toBe(1);
  expect(unready.line('ready')).toMatch(/^FAILED .*these do not answer: vault$/);
  expect(unready.stdout).toContain('→ Its role on the vault is not visible yet');
  const nowhere = await runSmoke(rig, await closedPort(), {}, IMPATIENT);
  expect(nowhere.code).toBe(1);
  expect(nowhere.line('live')).toMatch(/^FAILED .*no answer \(ECONNREFUSED\)$/);
  expect(rig.keys()).toHaveLength(before);
});

it('says DNS when it is DNS', async () => {
  const done = await runSmoke(rig, 'https://nowhere.invalid', {}, IMPATIENT, []);
  expect(done.code).toBe(1);
  expect(done.line('live')).toMatch(/^FAILED .*no answer \(DNS does not know nowhere\.invalid: E\w+\)$/);
});

it('answers two more questions when it is asked to, and leaves no key behind', async () => {
  const before = rig.keys().length;
  const done = await runSmoke(rig, front.url, {}, [...IMPATIENT, '--probes']);
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout).toMatch(new RegExp(`\\| ${QUESTIONS.cluster.replace('?', '\\?')} \\| 404 target-not-found: `));
  const longest = rig.keys().at(-1);
  expect(done.stdout).toContain(`| ${QUESTIONS.description} | yes, key ${longest?.id} |`);
  expect(rig.keys()).toHaveLength(before + 3);
});

it('asks the questions of the runbook', () => {
  const table = infraFile('RUNBOOK.md').split('## Live unknowns')[1] ?? '';
  const rows = [...table.matchAll(/^\| (.+?) \|/gm)].map(([, question]) => question);
  expect(rows).toEqual(expect.arrayContaining(Object.values(QUESTIONS)));
});

it('has nothing to revoke where policy refuses the key', async () => {
  const done = await runSmoke(rig, front.url, { SMOKE_TOKEN: await tokenOf(rig, undefined, STRANGER) });
  expect(done.code).toBe(1);
  expect(done.line('a key is vended')).toMatch(/^FAILED .*403 forbidden/);
  expect(done.stdout).toContain(`→ Azure was not asked. Policy has no rule for entra:${WORLD.tenantId}:${STRANGER} `);
  expect(done.line('the credential is revoked')).toBeUndefined();
  expect(done.stdout).not.toContain('LEFT');
});

it('does not repeat a token that stands in the wrong place', async () => {
  const done = await runSmoke(rig, 'https://app.example', {}, ['eyJhbGciOi.eyJvaWQi.c2ln']);
  expect(done.code).toBe(2);
  expect(done.stderr).toContain("Unexpected argument '[hidden]'");
  expect(printed(done)).not.toContain('eyJ');
});

async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
