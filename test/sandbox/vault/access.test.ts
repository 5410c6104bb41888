import { request } from 'node:https';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { refused, startRig, TENANT, VAULT, type VaultRig, type Who } from './rig.ts';

let rig: VaultRig;
beforeAll(async () => {
  rig = await startRig();
  await rig.client({ who: 'writer' }).setSecret('existing', 'the value');
});
afterAll(() => rig.close());
afterEach(() => rig.faults.clear());

const HOST = `${VAULT}.vault.azure.net`;
const QUERY = 'api-version=7.6';
const JSON_TYPE = { 'content-type': 'application/json' };

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly code: string | undefined;
  readonly message: string | undefined;
}

/** A request that the client would not send. */
async function raw(
  method: string,
  path: string,
  body = '',
  headers: Record<string, string> = JSON_TYPE,
): Promise<Answer> {
  const authorization = `Bearer ${await rig.token('officer')}`;
  return exchange(method, path, body, { authorization, ...headers });
}

function exchange(method: string, path: string, body: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: HOST, port: rig.vault.port, agent: rig.agent, method, path, headers }, async (answer) => {
      const text = Buffer.concat(await answer.toArray()).toString();
      const { error } = JSON.parse(text) as { error?: { code: string; message: string } };
      resolve({ status: answer.statusCode, headers: answer.headers, code: error?.code, message: error?.message });
    })
      .on('error', reject)
      .end(body);
  });
}

describe('authentication', () => {
  it('challenges a request without a token, naming tenant and resource', async () => {
    const answer = await exchange('PUT', `/secrets/existing?${QUERY}`, '', {});
    expect(answer).toMatchObject({ status: 401, code: 'Unauthorized' });
    expect(answer.headers).toMatchObject({
      'www-authenticate': `Bearer authorization="https://login.microsoftonline.com/${TENANT}", resource="https://vault.azure.net"`,
      'x-ms-request-id': expect.any(String),
      'x-ms-keyvault-region': expect.any(String),
      'x-ms-keyvault-service-version': expect.any(String),
    });
  });

  it('costs a client one exchange, which the list of requests shows', async () => {
    const before = rig.vault.requests().length;
    await rig.client({ who: 'writer' }).setSecret('challenged', 'the value');
    const seen = rig.vault.requests().slice(before);
    expect(seen).toMatchObject([
      { method: 'PUT', path: '/secrets/challenged', operation: 'challenge', status: 401, vault: VAULT },
      { method: 'PUT', path: '/secrets/challenged', operation: 'setSecret', status: 200, vault: VAULT },
    ]);
    expect(JSON.stringify(seen)).not.toContain('the value');
  });

  it('refuses a token of another audience', async () => {
    const client = rig.client({ who: 'writer', resource: 'https://management.azure.com' });
    const error = await refused(client.setSecret('audience', 'value'));
    expect(error).toMatchObject({ statusCode: 401, code: 'Unauthorized' });
    expect(error.message).toContain('AKV10022');
  });
});

describe('roles', () => {
  const client = (who: Who) => rig.client({ who });

  it.each([
    ['getSecret/action', () => client('writer').getSecret('existing')],
    ['delete', () => client('writer').beginDeleteSecret('existing')],
    ['recover/action', () => client('writer').beginRecoverDeletedSecret('existing')],
    ['purge/action', () => client('writer').purgeDeletedSecret('existing')],
    ['setSecret/action', () => client('reader').setSecret('existing', 'value')],
    ['readMetadata/action', () => client('stranger').getDeletedSecret('existing')],
  ])('refuse %s to whom it was not given', async (action, act) => {
    const error = await refused(act());
    expect(error).toMatchObject({ statusCode: 403, code: 'Forbidden' });
    expect(error.details?.error?.innerError?.code).toBe('ForbiddenByRbac');
    expect(error.message).toContain(`Action: 'Microsoft.KeyVault/vaults/secrets/${action}'`);
    expect(error.message).toContain(`Vault: ${VAULT}`);
    expect(rig.vault.secrets(VAULT, 'existing')).toHaveLength(1);
  });

  it('come before existence: a stranger does not learn which names there are', async () => {
    const there = await refused(client('stranger').getSecret('existing'));
    const notThere = await refused(client('stranger').getSecret('not-there'));
    expect([there.statusCode, notThere.statusCode]).toEqual([403, 403]);
  });
});

describe('requests that no client sends', () => {
  it.each([
    ['no api-version', 'GET', '/secrets', '', 400, 'BadParameter'],
    ['an unknown api-version', 'GET', '/secrets?api-version=1999-01-01', '', 400, 'BadParameter'],
    ['a name of two dots', 'PUT', `/secrets/..?${QUERY}`, '{"value":"v"}', 400, 'BadParameter'],
    ['a slash smuggled into a name', 'PUT', `/secrets/a%2Fb?${QUERY}`, '{"value":"v"}', 400, 'BadParameter'],
    ['a name that does not decode', 'PUT', `/secrets/%E0%A4%A?${QUERY}`, '{"value":"v"}', 400, 'BadParameter'],
    ['a body that is not JSON', 'PUT', `/secrets/raw?${QUERY}`, '{"value":', 400, 'BadParameter'],
    ['no value', 'PUT', `/secrets/raw?${QUERY}`, '{}', 400, 'BadParameter'],
    ['an unknown property', 'PUT', `/secrets/raw?${QUERY}`, '{"value":"v","name":"x"}', 400, 'BadParameter'],
    [
      'a date as text',
      'PUT',
      `/secrets/raw?${QUERY}`,
      '{"value":"v","attributes":{"exp":"2027"}}',
      400,
      'BadParameter',
    ],
    ['a method that is not served', 'POST', `/secrets/raw?${QUERY}`, '{"value":"v"}', 405, 'MethodNotAllowed'],
    ['a path that there is not', 'GET', `/secret?${QUERY}`, '', 404, 'NotFound'],
    ['a backup', 'POST', `/secrets/existing/backup?${QUERY}`, '', 501, 'NotImplemented'],
    ['a restoration', 'POST', `/secrets/restore?${QUERY}`, '{"value":"v"}', 501, 'NotImplemented'],
    ['keys, which the sandbox has not', 'GET', `/keys?${QUERY}`, '', 501, 'NotImplemented'],
  ])('%s', async (_name, method, path, body, status, code) => {
    expect(await raw(method, path, body)).toMatchObject({ status, code });
    expect(rig.vault.names(VAULT)).not.toContain('raw');
  });

  it('need the content type of JSON', async () => {
    const answer = await raw('PUT', `/secrets/raw?${QUERY}`, '{"value":"v"}', { 'content-type': 'text/plain' });
    expect(answer.status).toBe(415);
  });

  it('never have a value repeated in the refusal', async () => {
    const answer = await raw('PUT', `/secrets/raw?${QUERY}`, '{"value":"the canary","tags":{"t":1}}');
    expect(answer.status).toBe(400);
    expect(answer.message).not.toContain('canary');
  });
});

describe('faults', () => {
  it('cut the answer to a set that made a version, and the retry adds another of the same value', async () => {
    rig.faults.add({ service: 'vault', operation: 'setSecret', times: 1, fault: { drop: 'after' } });
    const options = { retryOptions: { maxRetries: 1, retryDelayInMs: 1 } };
    const { properties } = await rig.client({ who: 'writer', options }).setSecret('lost-answer', 'same');
    const versions = rig.vault.secrets(VAULT, 'lost-answer');
    expect(versions?.map((version) => version.value)).toEqual(['same', 'same']);
    expect(versions?.at(-1)?.version).toBe(properties.version);
  });

  it('answer in place of the operation, with the headers of the service', async () => {
    const body = {
      error: { code: 'Throttled', message: 'Request was not processed because too many requests were received.' },
    };
    const fault = { status: 429, headers: { 'retry-after': '7' }, body };
    rig.faults.add({ service: 'vault', operation: 'setSecret', fault });
    const error = await refused(rig.client({ who: 'writer' }).setSecret('throttled', 'value'));
    expect(error).toMatchObject({ statusCode: 429, code: 'Throttled' });
    expect(rig.vault.names(VAULT)).not.toContain('throttled');
    const answer = await raw('PUT', `/secrets/throttled?${QUERY}`, '{"value":"v"}');
    expect(answer.headers).toMatchObject({ 'retry-after': '7', 'x-ms-request-id': expect.any(String) });
  });

  it.each([
    ['listSecrets', () => rig.client({ who: 'officer' }).listPropertiesOfSecrets().next()],
    ['listVersions', () => rig.client({ who: 'officer' }).listPropertiesOfSecretVersions('existing').next()],
    ['getSecret', () => rig.client({ who: 'officer' }).getSecret('existing')],
    ['updateSecret', () => rig.client({ who: 'officer' }).updateSecretProperties('existing', '0'.repeat(32), {})],
    ['deleteSecret', () => rig.client({ who: 'officer' }).beginDeleteSecret('existing')],
    ['getDeletedSecret', () => rig.client({ who: 'officer' }).getDeletedSecret('existing')],
    ['listDeletedSecrets', () => rig.client({ who: 'officer' }).listDeletedSecrets().next()],
    ['recoverSecret', () => rig.client({ who: 'officer' }).beginRecoverDeletedSecret('gone')],
    ['purgeSecret', () => rig.client({ who: 'officer' }).purgeDeletedSecret('existing')],
    ['challenge', () => rig.client({ who: 'officer' }).getSecret('existing')],
  ])('are aimed at %s by that name', async (operation, act) => {
    rig.faults.add({ service: 'vault', operation, fault: { status: 503 } });
    expect(await refused(act())).toMatchObject({ statusCode: 503 });
  });
});
