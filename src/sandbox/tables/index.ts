import type { BearerVerifier } from '../kit/bearer.ts';
import type { FaultPlan } from '../kit/faults.ts';
import { type EmulatorCall, type EmulatorRequest, serveEmulator } from '../kit/http-service.ts';
import { type EmbeddedAzurite, embedAzurite } from './azurite.ts';
import { addAccountToBatch } from './batch.ts';
import { forward, type Upstream } from './forward.ts';
import { tableOperation } from './operations.ts';
import { misdirected, requestHeaders, unauthorized } from './refusals.ts';

export interface TablesOptions {
  readonly tls: { readonly cert: string; readonly key: string };
  readonly faults: FaultPlan;
  readonly verifier: BearerVerifier;
  /** Answers as `<account>.table.core.windows.net`, and on loopback below `/<account>`. */
  readonly account: string;
  readonly port?: number;
}

export interface TablesEmulator {
  readonly port: number;
  /** Every entity of a table, past the front and its faults. @throws RestError where there is no such table */
  rows(table: string): Promise<Record<string, unknown>[]>;
  /** Copies an entity under other keys, past the front: for a hundred thousand of them it is too slow. */
  readonly copyRow: EmbeddedAzurite['copyRow'];
  close(): Promise<void>;
}

const AUDIENCE = 'https://storage.azure.com';
const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost'];

/** Azure Table Storage over HTTPS for bearer tokens: Azurite behind a front that verifies them and applies faults. */
export async function startTables(options: TablesOptions): Promise<TablesEmulator> {
  const azurite = await embedAzurite(options.account);
  const service = await serveEmulator({
    service: 'table',
    tls: options.tls,
    faults: options.faults,
    port: options.port ?? 0,
    faultHeaders: requestHeaders,
    route: (request) => routeCall(options, azurite, request),
  });
  return {
    port: service.port,
    rows: azurite.rows,
    copyRow: azurite.copyRow,
    close: async () => {
      await service.close();
      await azurite.close();
    },
  };
}

function routeCall(options: TablesOptions, upstream: Upstream, request: EmulatorRequest): EmulatorCall {
  const location = locate(options.account, request);
  if (location === undefined) return { operation: 'unknown', perform: misdirected };
  const operation = tableOperation(request.method, location.path);
  const rewritten = operation === 'batch' && location.style === 'host';
  const body = rewritten ? addAccountToBatch(request.body, options.account) : request.body;
  return {
    operation,
    perform: async () => {
      const verdict = await options.verifier.verify(request.headers.authorization, [AUDIENCE]);
      return verdict.kind === 'valid' ? forward(upstream, { ...request, body }) : unauthorized(verdict);
    },
  };
}

interface Location {
  /** Where the request has the account's name. */
  readonly style: 'host' | 'path';
  /** Below the account. */
  readonly path: string;
}

function locate(account: string, { host, rawPath }: EmulatorRequest): Location | undefined {
  if (host === `${account}.table.core.windows.net`) return { style: 'host', path: rawPath };
  const prefix = `/${account}/`;
  if (!LOOPBACK.includes(host) || !rawPath.startsWith(prefix)) return undefined;
  return { style: 'path', path: rawPath.slice(prefix.length - 1) };
}
