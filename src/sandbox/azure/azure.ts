import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ArmEmulator, type ArmOptions, startArm } from '../arm/arm.ts';
import { createClock, type SandboxClock } from '../clock/clock.ts';
import { startEntra } from '../entra/entra.ts';
import { startIdentityEndpoint } from '../entra/identity-endpoint.ts';
import { createTokenIssuer, type TokenIssuer } from '../entra/token-issuer.ts';
import { type EventGridEmulator, type EventGridOptions, startEventGrid } from '../eventgrid/index.ts';
import { SUBSCRIPTION_DEFAULTS } from '../eventgrid/subscription.ts';
import { FaultPlan } from '../kit/faults.ts';
import { Traffic } from '../kit/traffic.ts';
import { type ServiceBusBroker, startBroker } from '../servicebus/index.ts';
import { startTables, type TablesEmulator } from '../tables/index.ts';
import { createCertificates } from '../tls/certificates.ts';
import { startVault, type VaultEmulator } from '../vault/index.ts';
import { appSettings } from './app-settings.ts';
import { WORLD } from './world.ts';

/** Every Azure service that the function uses, emulated on loopback. */
export interface EmulatedAzure {
  readonly faults: FaultPlan;
  readonly traffic: Traffic;
  /** The time that all services and the function live by; Table Storage's own timestamps alone stay real. */
  readonly clock: SandboxClock;
  readonly issuer: TokenIssuer;
  readonly arm: ArmEmulator;
  readonly vault: VaultEmulator;
  readonly tables: TablesEmulator;
  readonly broker: ServiceBusBroker;
  readonly eventGrid: EventGridEmulator;
  readonly entraPort: number;
  readonly caFile: string;
  /** The settings with which the function runs here. */
  readonly appSettings: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const HOSTS = [
  ...['management.azure.com', 'login.microsoftonline.com', '*.vault.azure.net', '*.table.core.windows.net'],
  ...[`*.${WORLD.region}-1.eventgrid.azure.net`, '*.eventgrid.azure.net'],
];
/** In which the queues keep the first of each message id. */
export const DUPLICATE_WINDOW_MS = 10 * 60_000;

export interface AzureOptions {
  /** Deliveries of one message before it is dead-lettered; Service Bus's own default is 10. */
  readonly maxDeliveryCount?: number;
  /** How long a message stays with a receiver that may have died; a minute unless given. */
  readonly lockDurationMs?: number;
  /** A factor for the delays between Event Grid's attempts. Default: 1. */
  readonly eventGridTimeScale?: number;
  /** ARM's and Confluent's own unless given. */
  readonly armLimits?: Pick<ArmOptions, 'rateLimits' | 'keysPerCluster'>;
}

export async function startAzure(options: AzureOptions = {}): Promise<EmulatedAzure> {
  const { tenantId, portalOid, functionOid, functionClientId, vaultOfficerOid } = WORLD;
  const clock = createClock();
  const faults = new FaultPlan(clock);
  const traffic = new Traffic();
  const { now } = clock;
  const [{ caPem, ...tls }, issuer, broker] = await Promise.all([
    createCertificates(HOSTS),
    createTokenIssuer({ tenantId, now }),
    startWorldsBroker(options, { faults, traffic, now }),
  ]);
  const { verifier } = issuer;
  const eventGrid = await startWorldsEventGrid({
    ...{ tls, faults, traffic, clock, broker },
    sender: { issuer, oid: WORLD.eventGridOid },
    timeScale: options.eventGridTimeScale ?? 1,
  });
  const identity = { clientId: functionClientId, principalId: functionOid };
  const vaultRoles = {
    ...{ vaults: WORLD.vaults, writerOid: functionOid, readerOids: [portalOid] },
    officerOids: [vaultOfficerOid],
  };
  const events = { clock, tell: eventGrid.publishSecretEvent };
  const [directory, entra, endpoint, arm, vault, tables] = await Promise.all([
    mkdtemp(join(tmpdir(), 'sandbox-')),
    startEntra({ tls, faults, traffic, issuer }),
    startIdentityEndpoint({ faults, traffic, issuer, identity }),
    startArm({ tls, faults, traffic, verifier, now, callerOids: [functionOid], ...options.armLimits }),
    startVault({ tls, faults, traffic, verifier, tenantId, events, now: () => new Date(now()), ...vaultRoles }),
    startTables({ tls, faults, traffic, verifier, account: WORLD.storageAccount, callerOids: [functionOid] }),
  ]);
  await tables.createTable(WORLD.ledgerTable);
  clock.onMove(broker.catchUp);
  const caFile = join(directory, 'ca.pem');
  await writeFile(caFile, caPem);
  const ports = {
    ...{ arm: arm.port, vault: vault.port, table: tables.port, entra: entra.port },
    eventGrid: eventGrid.port,
  };
  return {
    ...{ faults, traffic, clock, issuer, arm, vault, tables, broker, eventGrid, entraPort: entra.port, caFile },
    appSettings: appSettings({ caFile, identity: endpoint, busConnectionString: broker.connectionString, ports }),
    close: async () => {
      await Promise.all([entra, endpoint, arm, vault, tables, eventGrid, broker].map((service) => service.close()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Event Grid's queue is without duplicate detection: its readers see what is delivered twice. */
function startWorldsBroker(
  { maxDeliveryCount, lockDurationMs }: AzureOptions,
  context: { readonly faults: FaultPlan; readonly traffic: Traffic; now(): number },
): Promise<ServiceBusBroker> {
  const queues = Object.values(WORLD.queues).map((name) => ({
    name,
    ...(maxDeliveryCount !== undefined && { maxDeliveryCount }),
    ...(lockDurationMs !== undefined && { lockDurationMs }),
    duplicateDetectionWindowMs: name === WORLD.queues.events ? 0 : DUPLICATE_WINDOW_MS,
    deadLetterExpired: true,
  }));
  const topics = [{ name: WORLD.busTopic.name, subscriptions: [WORLD.busTopic.subscription] }];
  return startBroker({ ...context, queues, topics });
}

/** With the one subscription that there is from the start: what the vaults say goes to a queue. */
async function startWorldsEventGrid(
  context: Omit<EventGridOptions, 'region' | 'scope' | 'topics'>,
): Promise<EventGridEmulator> {
  const { region, target, eventTopics, portalOid, functionOid } = WORLD;
  const eventGrid = await startEventGrid({
    ...{ ...context, region },
    scope: { subscriptionId: target.subscriptionId, resourceGroupName: 'sandbox' },
    topics: {
      custom: { name: eventTopics.custom, senderOids: [portalOid] },
      out: { name: eventTopics.out, senderOids: [functionOid] },
    },
  });
  await eventGrid.subscribe({
    ...{ name: 'vault-events', topic: 'keyvault', schema: 'cloudevents', ...SUBSCRIPTION_DEFAULTS },
    destination: { queue: WORLD.queues.events },
  });
  return eventGrid;
}
