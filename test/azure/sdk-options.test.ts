import { defaultRetryPolicy } from '@azure/core-rest-pipeline';
import { TableClient } from '@azure/data-tables';
import { AzureCliCredential, ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { ServiceBusClient } from '@azure/service-bus';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { beforeEach, expect, it, vi } from 'vitest';
import { createConfluentKeys } from '../../src/azure/arm/confluent-keys.ts';
import { createCredential } from '../../src/azure/credential.ts';
import { createCallerAuthenticator } from '../../src/azure/entra/caller-authenticator.ts';
import { createEventGridTopic } from '../../src/azure/events/event-grid-topic.ts';
import { createLedger } from '../../src/azure/ledger/ledger.ts';
import { openClient } from '../../src/azure/servicebus/client.ts';
import { createSecretVault } from '../../src/azure/vault/secret-vault.ts';
import { DEFAULT_TIMINGS } from '../vending/world/timings.ts';
import { goodCredential as credential } from './arm/fixtures.ts';
import { ScriptedVault, VAULT_URL } from './vault/scripted-vault.ts';

vi.mock('@azure/core-rest-pipeline', { spy: true });
vi.mock('@azure/data-tables', { spy: true });
vi.mock('@azure/identity', { spy: true });
vi.mock('@azure/keyvault-secrets', { spy: true });
vi.mock('@azure/service-bus', { spy: true });
vi.mock('jose', { spy: true });

/*
 * What an SDK is given, option by option. One more of them may switch a protection off, or repeat what must be sent once.
 */
beforeEach(() => void vi.clearAllMocks());

const USER_AGENT = { userAgentPrefix: 'confluent-api-key-vending/development' };
const position = 'perRetry';

it('Key Vault: retries that are seen one by one, no redirect, and a check that a challenge is the vault’s own', async () => {
  const clock = { now: Date.now, sleep: async () => undefined };
  const httpClient = new ScriptedVault({ status: 404 });
  const vault = createSecretVault({ credential, clock, clientOptions: { httpClient } });
  await vault.lookUpName(VAULT_URL, 'x');
  expect(vi.mocked(SecretClient).mock.calls).toEqual([
    [
      VAULT_URL,
      credential,
      {
        retryOptions: { maxRetries: 3, retryDelayInMs: 500, maxRetryDelayInMs: 4_000 },
        userAgentOptions: USER_AGENT,
        httpClient,
        redirectOptions: { maxRetries: 0 },
        additionalPolicies: ['noPauseBeyondDeadline', 'tryObserver', 'throttledForASecond'].map((name) => ({
          policy: { name, sendRequest: expect.any(Function) },
          position,
        })),
      },
    ],
  ]);
});

it('the ledger: no credential, whose tokens would be renewed behind the requests’ back', () => {
  const endpoint = 'https://account.table.core.windows.net';
  createLedger({ credential, endpoint, table: 'ledger', timings: DEFAULT_TIMINGS });
  expect(vi.mocked(TableClient).mock.calls).toEqual([
    [
      endpoint,
      'ledger',
      {
        retryOptions: { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 },
        userAgentOptions: USER_AGENT,
        additionalPolicies: [
          { policy: { name: 'bearerTokenAuthenticationPolicy', sendRequest: expect.any(Function) }, position },
        ],
      },
    ],
  ]);
});

it('Service Bus: retries that end within the deadline of a send', () => {
  const retryOptions = { timeoutInMs: 10_000, maxRetries: 2, retryDelayInMs: 500, maxRetryDelayInMs: 4_000 };
  openClient({ fullyQualifiedNamespace: 'ns.servicebus.windows.net', credential });
  const connectionString = 'Endpoint=sb://ns/;SharedAccessKeyName=n;SharedAccessKey=k';
  openClient({ connectionString });
  expect(vi.mocked(ServiceBusClient).mock.calls).toEqual([
    ['ns.servicebus.windows.net', credential, { retryOptions }],
    [connectionString, { retryOptions }],
  ]);
});

it('ARM and Event Grid: retries for what may be repeated', () => {
  createConfluentKeys({ credential });
  createEventGridTopic({ credential, endpoint: 'https://topic.westeurope-1.eventgrid.azure.net/api/events' });
  expect(vi.mocked(defaultRetryPolicy).mock.calls).toEqual([
    [{ maxRetries: 2, retryDelayInMs: 500, maxRetryDelayInMs: 2_000 }],
    [{ maxRetries: 2, retryDelayInMs: 300, maxRetryDelayInMs: 1_000 }],
  ]);
});

it('the identity: the one that is named, or the app’s own', () => {
  createCredential('managed-identity', 'client');
  createCredential('managed-identity');
  createCredential('azure-cli');
  expect(vi.mocked(ManagedIdentityCredential).mock.calls).toEqual([
    // The SDK adds to what it is given.
    [{ clientId: 'client', allowInsecureConnection: true }],
    [],
  ]);
  expect(vi.mocked(AzureCliCredential).mock.calls).toEqual([[]]);
});

it('tokens of callers: one algorithm, one tenant, our audience, an end, a minute of tolerance', async () => {
  const tenantId = '00000000-0000-0000-0000-00000000000A';
  const authenticator = createCallerAuthenticator({ tenantId, audience: ['api://vending'] });
  expect(vi.mocked(createRemoteJWKSet).mock.calls).toEqual([
    [
      new URL(`https://login.microsoftonline.com/${tenantId.toLowerCase()}/discovery/v2.0/keys`),
      expect.objectContaining({ timeoutDuration: 5_000, cacheMaxAge: 86_400_000 }),
    ],
  ]);
  vi.mocked(jwtVerify).mockRejectedValueOnce(new Error('for the test'));
  await authenticator.authenticate('Bearer a.b.c');
  expect(vi.mocked(jwtVerify).mock.calls).toEqual([
    [
      'a.b.c',
      expect.any(Function),
      {
        algorithms: ['RS256'],
        issuer: [
          `https://login.microsoftonline.com/${tenantId.toLowerCase()}/v2.0`,
          `https://sts.windows.net/${tenantId.toLowerCase()}/`,
        ],
        audience: ['api://vending'],
        requiredClaims: ['exp'],
        clockTolerance: 60,
        currentDate: expect.any(Date),
      },
    ],
  ]);
});
