/**
 * `node main.ts [MS]`: emulated Azure in a process of its own, so that it works beside the function and not in its time.
 * It is a round trip of MS milliseconds away. The ledger is the bench's own table.
 */
import { appendFile } from 'node:fs/promises';
import { startAzure } from '../../../src/sandbox/azure/azure.ts';
import { issueToken } from '../../../src/sandbox/azure/tokens.ts';
import { tableUrl, WORLD } from '../../../src/sandbox/azure/world.ts';
import { parseTlsRoutes, TLS_ROUTES_VARIABLE } from '../../../src/sandbox/tls/routes.ts';
import { startBenchTable } from '../table/table.ts';
import { atDistance } from './distance.ts';
import { type Answer, type Order, orderSchema, type Tally } from './messages.ts';

const TABLE_HOST = new URL(tableUrl(WORLD.storageAccount)).host;
const UNLIMITED = { capacity: Number.MAX_SAFE_INTEGER, refillPerSecond: 0 };
const DAY_S = 86_400;
const DONE = { kind: 'done' } as const;

const azure = await startAzure({
  armLimits: {
    rateLimits: { reads: UNLIMITED, writes: UNLIMITED, deletes: UNLIMITED },
    keysPerCluster: Number.POSITIVE_INFINITY,
  },
});
// Nobody here listens to the events of the vaults.
azure.eventGrid.unsubscribe('vault-events');
const table = await startBenchTable();

/** Delays the two exchanges that a vend cannot do without. */
function delay(ms: number): void {
  azure.faults.clear();
  if (ms === 0) return;
  azure.faults.add({ service: 'arm', operation: 'createApiKey', fault: { delayMs: ms } });
  azure.faults.add({ service: 'vault', operation: 'setSecret', fault: { delayMs: ms } });
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

async function execute(order: Order): Promise<Answer> {
  switch (order.kind) {
    case 'latency':
      delay(order.ms);
      return DONE;
    case 'tally':
      return tally();
    case 'close':
      await Promise.all([azure.close(), table.close()]);
      process.disconnect();
      return DONE;
  }
}

const send = (answer: Answer): void => void (process.connected && process.send?.(answer));

process.on('message', (message) => void execute(orderSchema.parse(message)).then(send));
process.on('disconnect', () => process.exit(0));

const roundTripMs = Number(process.argv[2] ?? 0);
await appendFile(azure.caFile, table.caPem);
const near = new Map([...parseTlsRoutes(azure.appSettings[TLS_ROUTES_VARIABLE]), [TABLE_HOST, table.port]]);
const routes = roundTripMs > 0 ? (await atDistance(near, roundTripMs)).routes : near;
const settings: Readonly<Record<string, string>> = {
  ...azure.appSettings,
  EVENT_QUEUE: '',
  [TLS_ROUTES_VARIABLE]: JSON.stringify(Object.fromEntries(routes)),
};

const { access_token: callerToken } = await issueToken(azure.issuer, { expiresIn: DAY_S });
send({ kind: 'ready', settings, callerToken });
