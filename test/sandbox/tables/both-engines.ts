import { request } from 'node:https';
import { inspect } from 'node:util';
import type { TableClient } from '@azure/data-tables';
import type { TablesEngineKind } from '../../../src/sandbox/tables/index.ts';
import { HOST, startRig, type TablesRig } from './rig.ts';

const ENGINES: readonly TablesEngineKind[] = ['azurite', 'memory'];

export interface RawRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What one engine answered, without what differs from one day to the next. */
export interface Told {
  readonly outcome: string;
  readonly exchanges: readonly string[];
}

/** One engine, as a test sees it. */
export interface Subject {
  readonly client: TableClient;
  /** By key: the ETags that a row has had here, the latest last. */
  readonly etags: Map<string, string[]>;
}

export interface BothEngines {
  /** Has both clients do the same. The first is what Azurite said. */
  act(action: (subject: Subject) => Promise<unknown>): Promise<[Told, Told]>;
  /** Sends both the same, with a valid token. The first is what Azurite said. */
  send(raw: RawRequest): Promise<[string, string]>;
  rows(table: string): Promise<[string, string]>;
  close(): Promise<void>;
}

interface Side extends Subject {
  readonly rig: TablesRig;
  readonly exchanges: string[];
}

export async function startBothEngines(): Promise<BothEngines> {
  const [azurite, memory] = await Promise.all(ENGINES.map(startSide));
  if (azurite === undefined || memory === undefined) throw new Error('There are two engines.');
  const onBoth = async <T>(one: (side: Side) => Promise<T>): Promise<[T, T]> => [await one(azurite), await one(memory)];
  return {
    act: (action) =>
      onBoth(async (side) => {
        side.exchanges.length = 0;
        const outcome = await action(side).then(inspected, failureOf);
        return { outcome, exchanges: [...side.exchanges] };
      }),
    send: (raw) => onBoth(({ rig }) => sendRaw(rig, raw)),
    rows: (table) => onBoth(({ rig }) => rig.tables.rows(table).then(inspected, failureOf)),
    close: async () => {
      await Promise.all([azurite, memory].map(({ rig }) => rig.close()));
    },
  };
}

async function startSide(engine: TablesEngineKind): Promise<Side> {
  const rig = await startRig(engine);
  const [client, exchanges] = [rig.client(), [] as string[]];
  const record = {
    name: 'record',
    sendRequest: async (
      ...[asked, next]: Parameters<Parameters<typeof client.pipeline.addPolicy>[0]['sendRequest']>
    ) => {
      const answer = await next(asked);
      exchanges.push(toldOf(answer.status, answer.headers.toJSON(), answer.bodyAsText ?? ''));
      return answer;
    },
  };
  client.pipeline.addPolicy(record, { afterPhase: 'Sign' });
  return { rig, client, exchanges, etags: new Map() };
}

async function sendRaw({ tables, agent, issuer }: TablesRig, raw: RawRequest): Promise<string> {
  const claims = { resource: 'https://storage.azure.com', oid: 'function-oid', appid: 'function-app' };
  const { token } = await issuer.issueResourceToken(claims);
  const headers = { host: HOST, authorization: `Bearer ${token}`, ...raw.headers };
  const options = { host: '127.0.0.1', port: tables.port, agent, servername: HOST, headers };
  return new Promise((resolve, reject) => {
    request({ ...options, method: raw.method, path: raw.path }, async (answer) => {
      const body = Buffer.concat(await answer.toArray()).toString();
      resolve(toldOf(answer.statusCode, answer.headers, body));
    })
      .on('error', reject)
      .end(raw.body);
  });
}

/** Of the connection or of the day; or, as `server`, of Azurite alone. */
const IGNORED: readonly string[] = ['date', 'server', 'connection', 'keep-alive', 'content-length'];

function toldOf(status: number | undefined, headers: object, body: string): string {
  const kept = Object.entries(headers).filter(([name]) => !IGNORED.includes(name));
  return timeless(JSON.stringify({ status, headers: Object.fromEntries(kept.sort()), body }));
}

const inspected = (value: unknown): string => timeless(inspect(value, { depth: 6, maxStringLength: null }));

interface Failure {
  readonly name?: unknown;
  readonly statusCode?: unknown;
  readonly code?: unknown;
  readonly details?: { readonly odataError?: unknown };
}

const failureOf = ({ name, statusCode, code, details }: Failure): string =>
  inspected({ name, statusCode, code, odataError: details?.odataError });

/** Of this century: the tests' own times are of the last one. */
const timeless = (text: string): string =>
  text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/20\d\d-\d\d-\d\dT\d\d(?::|%3A)\d\d(?::|%3A)\d\d\.\d+Z/g, '<time>')
    .replaceAll(/\.windows\.net:\d+/g, '.windows.net:<port>');
