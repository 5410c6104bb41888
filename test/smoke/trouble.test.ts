import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Rig, until } from '../e2e/harness.ts';
import { IMPATIENT, runSmoke, startSmoke, tokenOf } from './command.ts';
import { type Front, type FrontAnswer, problem, startFront } from './front.ts';
import { QUESTIONS } from './questions.ts';

// Each of them starts a process that loads Azure's clients.
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
});

const live = () => rig.keys().filter(({ deleted }) => !deleted);
const soon = (answer: FrontAnswer): FrontAnswer => ({ ...answer, headers: { ...answer.headers, 'retry-after': '1' } });
const isVend = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && path === '/api/v1/credentials';

it('names credential and keys when they cannot be revoked', async () => {
  front.tamper((call, answer) => (call.method === 'DELETE' ? problem(502, 'upstream-forbidden', 'x') : answer));
  const done = await runSmoke(rig, front.url);
  expect(done.code).toBe(1);
  expect(done.line('the credential is revoked')).toMatch(/^FAILED .*502 upstream-forbidden/);
  const [vended, rotated] = rig.keys().slice(-2);
  const keys = `key ${rotated?.id}, key ${vended?.id}`;
  expect(done.stdout).toMatch(new RegExp(`\nLEFT    credential [a-z2-7]{26}, ${keys}, secret https://`));
});

it.each([
  [
    'upstream-forbidden',
    { status: 403, body: { error: { code: 'AuthorizationFailed' } } },
    'Azure refused the function’s managed',
    'no key',
  ],
  ['quota-exhausted', { status: 402 }, 'Confluent’s quota of keys', 'no key'],
  ['key-unusable', { secret: '' }, 'the answer had no secret', 'yes'],
])('says in words what %s means, and what it answers', async (type, fault, meaning, mint) => {
  rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault });
  const done = await runSmoke(rig, front.url, {}, IMPATIENT);
  expect(done.code).toBe(1);
  expect(done.line('a key is vended')).toMatch(new RegExp(`^FAILED .*${type}`));
  expect(done.stdout).toMatch(new RegExp(`\n {8}→ .*${meaning}`));
  expect(done.stdout).toContain(`| ${QUESTIONS.mint} | ${mint}: ${type} |`);
});

it('says whom a token is for that the app refuses', async () => {
  const token = await tokenOf(rig, 'api://another');
  const done = await runSmoke(rig, front.url, { SMOKE_TOKEN: token }, IMPATIENT);
  expect(done.line('a key is vended')).toMatch(/^FAILED .*401 unauthenticated/);
  expect(done.stdout).toContain('→ The token is for api://another: ENTRA_AUDIENCE must contain that');
});

it('names the place to look at when nobody knows whether there is a key', async () => {
  rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { drop: 'after' } });
  const done = await runSmoke(rig, front.url, {}, IMPATIENT);
  expect(done.code).toBe(1);
  expect(done.line('a key is vended')).toMatch(/^FAILED .*502 outcome-unknown/);
  expect(done.line('the credential is revoked')).toMatch(/^FAILED .*202$/);
  const [, id] = /, credential ([a-z2-7]{26})\n/.exec(done.stdout) ?? [];
  expect(done.stdout).toContain(`LEFT    credential ${id}: look for keys whose description ends in vend:${id}.`);
  expect(done.stdout).toContain(`| ${QUESTIONS.mint} | no key: outcome-unknown |`);
});

it('is content with a request that failed before anybody saw its answer', async () => {
  rig.fault({
    service: 'arm',
    operation: 'createApiKey',
    times: 1,
    fault: { status: 403, body: { error: { code: 'X' } } },
  });
  front.tamper((call, answer) =>
    isVend(call) && answer.status === 502 ? { ...answer, status: 500, body: '<html></html>' } : answer,
  );
  const done = await runSmoke(rig, front.url);
  expect(done.code).toBe(1);
  expect(done.line('a key is vended')).toMatch(/^FAILED +a key is vended +500$/);
  expect(done.line('the credential is revoked')).toMatch(/^ok /);
  expect(done.stdout).not.toContain('LEFT');
});

it.each([
  ['ARM has', { service: 'arm', operation: 'createApiKey', times: 1, fault: { delayMs: 3_000 } }],
  ['the ledger has', { service: 'table', operation: 'batch', times: 2, fault: { delayMs: 3_000 } }],
] as const)('takes back what it asked for when it is interrupted before %s answered', async (_, rule) => {
  const before = live().length;
  const minted = rig.keys().length;
  front.calls.length = 0;
  rig.fault(rule);
  // A revocation that is under way asks for 15 seconds.
  front.tamper((_, answer) => ('retry-after' in answer.headers ? soon(answer) : answer));
  const { child, finished } = await startSmoke(rig, front.url);
  await until(() => (front.calls.some(isVend) ? true : undefined));
  child.kill('SIGINT');
  const done = await finished;
  expect(done.code).toBe(1);
  expect(done.line('the run')).toMatch(/^FAILED .*interrupted$/);
  expect(done.line('the credential is revoked')).toMatch(/^ok /);
  expect(done.line('the credential is revoked')).toContain('credential ');
  expect(live()).toHaveLength(before);
  expect(rig.keys()).toHaveLength(minted + 1);
});
