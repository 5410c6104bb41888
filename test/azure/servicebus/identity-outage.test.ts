import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { env } from 'node:process';
import type { TokenCredential } from '@azure/identity';
import { ServiceBusClient } from '@azure/service-bus';
import { afterEach, expect, it, vi } from 'vitest';
import { createCredential, withLastToken } from '../../../src/azure/credential.ts';
import { createMessenger } from '../../../src/azure/servicebus/messenger.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { type ServiceBusBroker, startBroker } from '../../../src/sandbox/servicebus/index.ts';

let broker: ServiceBusBroker;

// The emulated broker takes SAS tokens only. Before each of them the link asks for the token that it would ask for.
vi.mock('../../../src/azure/servicebus/client.ts', () => ({
  openClient: ({ credential }: { credential: TokenCredential }) => {
    const client = new ServiceBusClient(broker.connectionString, {
      retryOptions: { timeoutInMs: 10_000, maxRetries: 1 },
    });
    const context = Reflect.get(client, '_connectionContext');
    const provider = context.tokenCredential;
    context.tokenCredential = {
      isSasTokenProvider: true,
      getToken: async (audience: string) => {
        await credential.getToken('https://servicebus.azure.net/.default');
        return provider.getToken(audience);
      },
    };
    return client;
  },
}));

afterEach(async () => {
  vi.useRealTimers();
  await broker.close();
});

const HOUR_MS = 3_600_000;
const MESSAGE = { messageId: 'message-1', body: '{}', contentType: 'application/json' };

it('a token with hours left opens a link while the identity endpoint is down', async () => {
  broker = await startBroker({ queues: [{ name: 'results' }, { name: 'retries' }], faults: new FaultPlan() });
  const server = createServer((_request, response) => {
    const expiresOn = String(Math.floor((Date.now() + 24 * HOUR_MS) / 1_000));
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        access_token: 't',
        expires_on: expiresOn,
        resource: 'https://servicebus.azure.net',
        token_type: 'Bearer',
      }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  env.IDENTITY_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`;
  env.IDENTITY_HEADER = 'h';
  // As connect.ts wires it.
  const credential = withLastToken(createCredential('managed-identity'), 5 * 60_000);
  const messenger = createMessenger({ fullyQualifiedNamespace: 'b', credential });
  expect(await messenger.send('results', MESSAGE)).toEqual({ kind: 'sent' });
  server.closeAllConnections();
  server.close();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 13 * HOUR_MS });
  expect(await messenger.send('retries', MESSAGE)).toEqual({ kind: 'sent' });
}, 120_000);
