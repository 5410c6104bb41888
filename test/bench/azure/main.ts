/**
 * `node main.ts [MS]`: emulated Azure in a process of its own, so that it works beside the function and not in its time;
 * as far away as a round trip of MS milliseconds.
 */
import { startAzure } from '../../../src/sandbox/azure.ts';
import { issueToken } from '../../../src/sandbox/control/tokens.ts';
import { parseTlsRoutes, TLS_ROUTES_VARIABLE } from '../../../src/sandbox/tls/routes.ts';
import { WORLD } from '../../../src/sandbox/world.ts';
import { atDistance } from './distance.ts';
import { type Answer, type Order, orderSchema, type Tally } from './messages.ts';

const UNLIMITED = { capacity: Number.MAX_SAFE_INTEGER, refillPerSecond: 0 };
const DAY_S = 86_400;
const DONE = { kind: 'done' } as const;

const azure = await startAzure({
  tables: 'memory',
  armLimits: {
    rateLimits: { reads: UNLIMITED, writes: UNLIMITED, deletes: UNLIMITED },
    keysPerCluster: Number.POSITIVE_INFINITY,
  },
});
// Nobody here listens to what the vaults say of each secret.
azure.eventGrid.unsubscribe('vault-events');

const latency = { upstreams: 0, ledger: 0 };

/** Of what a vend cannot do without, and of the ledger apart: that is what we add. */
function delay(): void {
  const { upstreams, ledger } = latency;
  azure.faults.clear();
  if (upstreams > 0) {
    azure.faults.add({ service: 'arm', operation: 'createApiKey', fault: { delayMs: upstreams } });
    azure.faults.add({ service: 'vault', operation: 'setSecret', fault: { delayMs: upstreams } });
  }
  if (ledger > 0) azure.faults.add({ service: 'table', fault: { delayMs: ledger } });
}

function tally(): Tally {
  const [requests, retries] = [WORLD.queues.request, WORLD.queues.retry].map((name) => azure.broker.view(name));
  return {
    kind: 'tally',
    keys: azure.arm.keys().filter(({ deleted }) => !deleted).length,
    requests: requests?.messages.length ?? 0,
    retries: retries?.messages.length ?? 0,
    deadLetters: (requests?.deadLetters.length ?? 0) + (retries?.deadLetters.length ?? 0),
  };
}

async function obey(order: Order): Promise<Answer> {
  switch (order.kind) {
    case 'latency':
      latency.upstreams = order.ms;
      delay();
      return DONE;
    case 'ledger-latency':
      latency.ledger = order.ms;
      delay();
      return DONE;
    case 'tally':
      return tally();
    case 'close':
      await azure.close();
      process.disconnect();
      return DONE;
  }
}

const tell = (answer: Answer): void => void (process.connected && process.send?.(answer));

process.on('message', (message) => void obey(orderSchema.parse(message)).then(tell));
process.on('disconnect', () => process.exit(0));

const roundTripMs = Number(process.argv[2] ?? 0);
const settings: Record<string, string> = { ...azure.appSettings, EVENT_QUEUE: '' };
if (roundTripMs > 0) {
  const { routes } = await atDistance(parseTlsRoutes(settings[TLS_ROUTES_VARIABLE]), roundTripMs);
  settings[TLS_ROUTES_VARIABLE] = JSON.stringify(Object.fromEntries(routes));
}

const { access_token: callerToken } = await issueToken(azure.issuer, { expiresIn: DAY_S });
tell({ kind: 'ready', settings, callerToken });
