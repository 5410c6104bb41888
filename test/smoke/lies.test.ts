import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { credentialAnswerSchema } from '../../src/vending/answers/credential.ts';
import { Rig } from '../e2e/harness.ts';
import { runSmoke } from './command.ts';
import { type Front, type FrontAnswer, startFront } from './front.ts';
import { setEnabled } from './set-enabled.ts';
import type { SecretReference } from './vault.ts';

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

const isVend = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && path === '/api/v1/credentials';

/** The vended version. */
function secretIn({ body }: FrontAnswer): SecretReference {
  const { name, vaultUrl, version = '' } = credentialAnswerSchema.parse(JSON.parse(body)).secret;
  return { name, vaultUrl, version };
}

it('finds a secret in an answer, does not print it, and revokes the key', async () => {
  front.tamper((call, answer) => {
    if (!isVend(call) || answer.status !== 201) return answer;
    const leaked = { ...JSON.parse(answer.body), secretValue: rig.keys().at(-1)?.secret };
    return { ...answer, body: JSON.stringify(leaked) };
  });
  const done = await runSmoke(rig, front.url);
  expect(done.code).toBe(1);
  expect(done.line('the answer is a reference')).toMatch(/^FAILED /);
  expect(done.line('the credential is revoked')).toMatch(/^ok /);
  expect(done.stdout + done.stderr).not.toContain(rig.keys().at(-1)?.secret);
});

it('finds that a reference leads nowhere, and revokes the key', async () => {
  front.tamper((_, answer) => {
    const body = answer.body
      .replace(/("version":")[0-9a-f]{4}/, '$1ffff')
      .replace(/(\/secrets\/[^/"]+\/)[0-9a-f]{4}/, '$1ffff');
    return { ...answer, body };
  });
  const done = await runSmoke(rig, front.url);
  expect(done.code).toBe(1);
  expect(done.line('replay: same reference')).toMatch(/^ok /);
  expect(done.line('reference exists')).toMatch(/^FAILED .* is not there$/);
  expect(done.line('the credential is revoked')).toMatch(/^ok /);
});

it.each([
  ['tag vend-key', (body: string) => body.replace(/("apiKey":{"id":")[A-Z2-7]/, '$10')],
  ['expiry', (body: string) => body.replace(/"expiresOn":"\d{4}/, '"expiresOn":"2037')],
])('finds that the vault and the answer differ in the %s', async (fault, change) => {
  front.tamper((_, answer) => ({ ...answer, body: change(answer.body) }));
  const done = await runSmoke(rig, front.url);
  expect(done.code).toBe(1);
  expect(done.line('reference exists')).toMatch(new RegExp(`^FAILED .*not as it should be: ${fault}$`));
});

it('finds a version that is disabled while it should serve, and enabled when it should not', async () => {
  let secret: SecretReference | undefined;
  front.tamper(async (call, answer) => {
    if (isVend(call) && answer.status === 201) secret = secretIn(answer);
    if (secret !== undefined && answer.status < 300) await setEnabled(rig, secret, false);
    return answer;
  });
  const done = await runSmoke(rig, front.url);
  expect(done.code).toBe(1);
  expect(done.line('reference exists')).toMatch(/^FAILED .*not as it should be: disabled$/);
  front.tamper(async (call, answer) => {
    if (isVend(call) && answer.status === 201) secret = secretIn(answer);
    if (secret !== undefined && call.method === 'DELETE') await setEnabled(rig, secret, true);
    return answer;
  });
  const again = await runSmoke(rig, front.url);
  expect(again.code).toBe(1);
  expect(again.line('reference exists')).toMatch(/^ok /);
  expect(again.line('secrets are disabled')).toMatch(/^FAILED .*still enabled$/);
});

it('finds that a replay is another key, or is not marked as a replay', async () => {
  front.tamper((call, answer) =>
    isVend(call) && answer.status === 200
      ? { ...answer, headers: {}, body: answer.body.replace(/("apiKey":{"id":")[A-Z2-7]/, '$10') }
      : answer,
  );
  const done = await runSmoke(rig, front.url);
  expect(done.code).toBe(1);
  expect(done.line('replay: same reference')).toMatch(/^FAILED .*marked: false$/);
});

it('finds that a rotation is of another credential, or is not marked when it is repeated', async () => {
  front.tamper((call, answer) => {
    if (!call.path.endsWith('/rotate')) return answer;
    return answer.status === 201
      ? { ...answer, body: answer.body.replace(/("id":")[a-z2-7]/, '$10') }
      : { ...answer, headers: {} };
  });
  const done = await runSmoke(rig, front.url);
  expect(done.code).toBe(1);
  expect(done.line('rotated: same credential')).toMatch(/^FAILED .*not as it should be: id$/);
  expect(done.line('rotation repeated: same key')).toMatch(/^FAILED .*marked: false$/);
  expect(done.line('the credential is revoked')).toMatch(/^ok /);
});

it('finds an app that does not look at tokens, or that mints again after the revocation', async () => {
  front.tamper((_, answer) => (answer.status === 401 || answer.status === 410 ? { ...answer, status: 200 } : answer));
  const done = await runSmoke(rig, front.url);
  expect(done.code).toBe(1);
  expect(done.line('no token, no key')).toMatch(/^FAILED .*expected 401, got 200/);
  expect(done.line('its idempotency key is spent')).toMatch(/^FAILED /);
});
