import type { BearerVerifier } from '../kit/bearer.ts';
import type { FaultPlan } from '../kit/faults.ts';
import { type EmulatorCall, type EmulatorRequest, serveEmulator } from '../kit/http-service.ts';
import { startAzuriteEngine } from './azurite-engine.ts';
import type { TableCall, TablesEngine } from './engine.ts';
import { createMemoryEngine } from './memory/index.ts';
import { MAX_PAGE, tableOperation } from './operations.ts';
import { misdirected, pageTooLarge, requestHeaders, unauthorized } from './refusals.ts';

export interface TablesOptions {
  readonly tls: { readonly cert: string; readonly key: string };
  readonly faults: FaultPlan;
  readonly verifier: BearerVerifier;
  /** Answers as `<account>.table.core.windows.net`, and on loopback below `/<account>`. */
  readonly account: string;
  readonly port?: number;
  /** Azurite unless given; `memory` does what the ledger needs, in microseconds, and refuses the rest. */
  readonly engine?: TablesEngineKind;
}

export type TablesEngineKind = 'azurite' | 'memory';

export interface TablesEmulator {
  readonly port: number;
  /** As a deployment does it: past the front and its faults. @throws Error where there is one of that name */
  readonly createTable: TablesEngine['createTable'];
  /** Every entity of a table, past the front and its faults. @throws RestError where there is no such table */
  readonly rows: TablesEngine['rows'];
  /** Copies an entity under other keys, past the front: for a hundred thousand of them Azurite is too slow. */
  readonly copyRow: TablesEngine['copyRow'];
  close(): Promise<void>;
}

const AUDIENCE = 'https://storage.azure.com';
const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost'];

/** Azure Table Storage over HTTPS for bearer tokens: an engine behind a front that verifies them and applies faults. */
export async function startTables(options: TablesOptions): Promise<TablesEmulator> {
  const engine = await startEngine(options);
  const service = await serveEmulator({
    service: 'table',
    tls: options.tls,
    faults: options.faults,
    port: options.port ?? 0,
    faultHeaders: requestHeaders,
    route: (request) => routeCall(options, engine, request),
  });
  return {
    port: service.port,
    createTable: engine.createTable,
    rows: engine.rows,
    copyRow: engine.copyRow,
    close: async () => {
      await service.close();
      await engine.close();
    },
  };
}

async function startEngine({ engine = 'azurite', account }: TablesOptions): Promise<TablesEngine> {
  switch (engine) {
    case 'azurite':
      return startAzuriteEngine(account);
    case 'memory':
      return createMemoryEngine(account);
  }
}

function routeCall(options: TablesOptions, engine: TablesEngine, request: EmulatorRequest): EmulatorCall {
  const location = locate(options.account, request);
  if (location === undefined) return { operation: 'unknown', perform: misdirected };
  const operation = tableOperation(request.method, location.path);
  return {
    operation,
    perform: async () => {
      const verdict = await options.verifier.verify(request.headers.authorization, [AUDIENCE]);
      if (verdict.kind !== 'valid') return unauthorized(verdict);
      if (Number(request.query.get('$top')) > MAX_PAGE) return pageTooLarge();
      return engine.perform({ operation, request, ...location });
    },
  };
}

function locate(account: string, { host, rawPath }: EmulatorRequest): Pick<TableCall, 'style' | 'path'> | undefined {
  if (host === `${account}.table.core.windows.net`) return { style: 'host', path: rawPath };
  const prefix = `/${account}/`;
  if (!LOOPBACK.includes(host) || !rawPath.startsWith(prefix)) return undefined;
  return { style: 'path', path: rawPath.slice(prefix.length - 1) };
}
