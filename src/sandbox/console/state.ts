import { type Credential, credentialSchema, statusOf } from '../../vending/model/credential.ts';
import { markerOf } from '../../vending/model/idempotency.ts';
import type { EmulatedAzure } from '../azure/azure.ts';
import type { Controlled } from '../azure/controlled.ts';
import { WORLD } from '../azure/world.ts';
import { CALLERS } from '../scenarios/ask.ts';
import type { MessageView } from '../servicebus/index.ts';
import type { CredentialView, MessageSummaryView, QueueView, SecretView, StateView } from './view.ts';

/** Shown of each kind. The page stays small, however much there is. */
const SHOWN = 50;
const SHOWN_MESSAGES = 10;
const SHOWN_BODY = 400;

/** All that the page shows of the emulated services, without a secret. */
export async function viewState({ azure, functionUrl }: Controlled): Promise<StateView> {
  const rows = await azure.tables.rows(WORLD.ledgerTable, 'credential_');
  const credentials = rows.map(readCredential).filter((row) => row !== undefined);
  const newest = credentials.toSorted((a, b) => b.createdAt - a.createdAt);
  const keys = azure.arm.keys();
  const alive = keys.filter(({ deleted }) => !deleted).length;
  const events = azure.eventGrid.published();
  return {
    now: new Date(azure.clock.now()).toISOString(),
    aheadSeconds: Math.round(azure.clock.offset() / 1000),
    functionUrl: functionUrl(),
    credentials: {
      total: credentials.length,
      byStatus: Object.fromEntries(
        Object.entries(Object.groupBy(credentials, statusOf)).map(([status, rows = []]) => [status, rows.length]),
      ),
      latest: newest.slice(0, SHOWN).map(viewCredential),
    },
    keys: {
      alive,
      deleted: keys.length - alive,
      latest: latest(keys).map(({ id, name, description, clusterId, deleted }) => ({
        ...{ id, name, description, cluster: clusterId, deleted },
      })),
    },
    secrets: viewSecrets(azure),
    queues: azure.broker.queueNames().map((name) => viewQueue(azure, name)),
    events: {
      total: events.length,
      latest: latest(events).map(({ id, type, time = '', subject = '' }) => ({ id, type, time, subject })),
    },
    faults: azure.faults.armed().map((rule) => JSON.stringify(rule)),
  };
}

const latest = <T>(all: readonly T[]): readonly T[] => all.slice(-SHOWN).toReversed();

function readCredential({ document }: Record<string, unknown>): Credential | undefined {
  try {
    return credentialSchema.safeParse(JSON.parse(String(document))).data;
  } catch {
    return undefined;
  }
}

const isoOf = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString();

function viewCredential(row: Credential): CredentialView {
  const { id, name, caller, target, vaultUrl, secretName, createdAt, current, previous, work, failure } = row;
  return {
    ...{ id, name, secretName, caller: nameOf(caller), status: statusOf(row), cluster: target.clusterId },
    vault: vaultOf(vaultUrl),
    createdAt: new Date(createdAt).toISOString(),
    keyId: current?.key.id,
    expiresOn: isoOf(current?.expiresOn),
    rotateAt: isoOf(current?.rotateAt),
    previous: previous && { keyId: previous.keyId, revokeAt: new Date(previous.revokeAt).toISOString() },
    work: work && { purpose: work.purpose, phase: work.phase, marker: markerOf(id, work) },
    problem: failure?.problem.type,
  };
}

/** Those whom the sandbox's policy knows, by name. */
const nameOf = (caller: string): string =>
  Object.entries(CALLERS).find(([, { oid = WORLD.portalOid }]: [string, { oid?: string }]) =>
    caller.endsWith(`:${oid}`),
  )?.[0] ?? caller;

const vaultOf = (vaultUrl: string): string => new URL(vaultUrl).hostname.split('.')[0] ?? '';

function viewSecrets({ vault: vaults }: EmulatedAzure): StateView['secrets'] {
  const named = WORLD.vaults.flatMap((vault) => vaults.names(vault).map((name) => ({ vault, name })));
  return {
    total: named.length,
    latest: latest(named).map(({ vault, name }): SecretView => {
      const versions = vaults.secrets(vault, name) ?? [];
      return {
        ...{ vault, name },
        versions: versions.map(({ version, enabled, expiresOn, value, tags }) => ({
          ...{ version, enabled, expiresOn, length: value.length, keyId: tags['vend-key'] },
        })),
      };
    }),
  };
}

function viewQueue({ broker }: EmulatedAzure, name: string): QueueView {
  const { messages = [], deadLetters = [] } = broker.view(name) ?? {};
  return {
    ...{ name, messages: messages.length, deadLetters: deadLetters.length },
    latest: messages.slice(-SHOWN_MESSAGES).toReversed().map(viewMessage),
    latestDead: deadLetters.slice(-SHOWN_MESSAGES).toReversed().map(viewMessage),
  };
}

function viewMessage(message: MessageView): MessageSummaryView {
  const { sequenceNumber, messageId, subject, state, deliveryCount, deadLetterReason, body } = message;
  return {
    ...{ id: sequenceNumber, messageId, subject, state, deliveryCount, deadLetterReason },
    body: (JSON.stringify(body) ?? '').slice(0, SHOWN_BODY),
  };
}
