import type { BearerVerifier } from '../kit/bearer.ts';
import { type EmulatorCall, serveEmulator } from '../kit/emulator.ts';
import type { FaultPlan } from '../kit/faults.ts';
import type { EmulatorRequest } from '../kit/http-service.ts';
import type { Traffic } from '../kit/traffic.ts';
import { type EmbeddedAzurite, embedAzurite } from './azurite.ts';
import { addAccountToBatch } from './batch.ts';
import { forward } from './forward.ts';
import { refusalOf } from './limits.ts';
import { tableOperation } from './operations.ts';
import { badRequest, forbidden, misdirected, requestHeaders, unauthorized } from './refusals.ts';

export interface TablesOptions {
  readonly tls: { readonly cert: string; readonly key: string };
  readonly faults: FaultPlan;
  readonly traffic?: Traffic | undefined;
  readonly verifier: BearerVerifier;
  /** The principals with the role Storage Table Data Contributor. Absent: everybody with a token. */
  readonly callerOids?: readonly string[];
  /** Answers as `<account>.table.core.windows.net`, and on loopback below `/<account>`. */
  readonly account: string;
  readonly port?: number;
}

/** The methods act past the front and its faults. */
export interface TablesEmulator
  extends Pick<EmbeddedAzurite, 'createTable' | 'rows' | 'removeRows' | 'copyRow' | 'close'> {
  readonly port: number;
}

const AUDIENCE = 'https://storage.azure.com';
const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost'];

/**
 * Azure Table Storage over HTTPS for bearer tokens: Azurite behind a front that verifies them, applies faults, and
 * refuses what Azurite is too kind to refuse.
 */
export async function startTables(options: TablesOptions): Promise<TablesEmulator> {
  const azurite = await embedAzurite(options.account);
  const service = await serveEmulator({
    service: 'table',
    tls: options.tls,
    faults: options.faults,
    traffic: options.traffic,
    port: options.port ?? 0,
    faultHeaders: requestHeaders,
    route: (request) => routeCall(options, azurite, request),
  });
  const { createTable, rows, removeRows, copyRow } = azurite;
  return {
    ...{ port: service.port, createTable, rows, removeRows, copyRow },
    close: async () => {
      await service.close();
      await azurite.close();
    },
  };
}

function routeCall(options: TablesOptions, azurite: EmbeddedAzurite, request: EmulatorRequest): EmulatorCall {
  const { account, verifier, callerOids } = options;
  const location = locate(account, request);
  if (location === undefined) return { operation: 'unknown', perform: misdirected };
  const operation = tableOperation(request.method, location.path);
  const isRewritten = operation === 'batch' && location.style === 'host';
  return {
    operation,
    perform: async () => {
      const verdict = await verifier.verify(request.headers.authorization, [AUDIENCE]);
      if (verdict.kind !== 'valid') return unauthorized(verdict);
      if (callerOids?.includes(verdict.claims.oid) === false) return forbidden();
      const refusal = refusalOf(operation, request);
      if (refusal !== undefined) return badRequest(...refusal);
      return forward(azurite, isRewritten ? { ...request, body: addAccountToBatch(request.body, account) } : request);
    },
  };
}

interface Location {
  /** Where the request has the account's name. */
  readonly style: 'host' | 'path';
  /** Percent-encoded, below the account. */
  readonly path: string;
}

function locate(account: string, { host, rawPath }: EmulatorRequest): Location | undefined {
  if (host === `${account}.table.core.windows.net`) return { style: 'host', path: rawPath };
  const prefix = `/${account}/`;
  if (!LOOPBACK.includes(host) || !rawPath.startsWith(prefix)) return undefined;
  return { style: 'path', path: rawPath.slice(prefix.length - 1) };
}
