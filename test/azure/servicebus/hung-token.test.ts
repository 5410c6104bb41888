import type { AccessToken, TokenCredential } from '@azure/identity';
import { ServiceBusClient } from '@azure/service-bus';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { bounded } from '../../../src/azure/credential.ts';
import { createMessenger } from '../../../src/azure/servicebus/messenger.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { type ServiceBusBroker, startBroker } from '../../../src/sandbox/servicebus/index.ts';

let broker: ServiceBusBroker;
let hanging: number;

const askFor = (audience: string, provider: TokenCredential): Promise<AccessToken | null> =>
  hanging-- > 0 ? new Promise<never>(() => undefined) : provider.getToken(audience);

// The emulated broker takes connection strings only, so the provider of tokens is replaced in the client that the SDK makes. The
// link asks a managed identity in the same line (`_negotiateClaim` in core/linkEntity.js).
vi.mock('../../../src/azure/servicebus/client.ts', () => ({
  openClient: () => {
    const client = new ServiceBusClient(broker.connectionString, {
      retryOptions: { timeoutInMs: 1_000, maxRetries: 1, retryDelayInMs: 10 },
    });
    const context = Reflect.get(client, '_connectionContext');
    const provider = context.tokenCredential;
    context.tokenCredential = {
      isSasTokenProvider: true,
      getToken: (audience: string) => bounded({ getToken: () => askFor(audience, provider) }, 200).getToken(audience),
    };
    return client;
  },
}));

beforeEach(async () => {
  broker = await startBroker({ queues: [{ name: 'results' }, { name: 'retries' }], faults: new FaultPlan() });
});
afterEach(() => broker.close());

const MESSAGE = { messageId: 'message-1', body: '{}', contentType: 'application/json' };

it.each([0, 1, 2])(
  'after %d token requests that hang, messages are sent',
  async (hangs) => {
    hanging = hangs;
    const messenger = createMessenger({ connectionString: 'x' });
    await messenger.send('results', MESSAGE);
    const later: string[] = [];
    for (let n = 0; n < 3; n++) later.push((await messenger.send('results', MESSAGE)).kind);
    expect(later.at(-1)).toBe('sent');
  },
  60_000,
);
