import type { HttpHandler } from '@azure/functions';
import { buildResult } from '../../vending/answers/result.ts';
import { statusOf } from '../../vending/answers/status.ts';
import type { Intent } from '../../vending/intent.ts';
import { REQUEST_ID_PATTERN } from '../../vending/model/idempotency.ts';
import type { Caller, CallerAuthenticator } from '../../vending/ports/callers.ts';
import type { Ledger } from '../../vending/ports/ledger.ts';
import { contextLog } from '../context-log.ts';
import { authenticated } from './guarded.ts';
import { failureResponse, jsonResponse, problemResponse } from './responses.ts';

/** `GET /api/v1/api-keys/{requestId}`: to the request's own caller or an operator; to anyone else it does not exist. */
export function getRequest(authenticator: CallerAuthenticator, ledger: Ledger, operatorRole: string): HttpHandler {
  return authenticated(authenticator, async (http, caller, context) => {
    const requestId = http.params.requestId ?? '';
    if (!REQUEST_ID_PATTERN.test(requestId)) return problemResponse(NOT_FOUND);
    const read = await ledger.read(requestId);
    if (read.kind === 'unreachable') {
      contextLog(context)({ level: 'error', event: 'ledger-unreachable', requestId, upstream: read.upstream });
      return failureResponse(context, LEDGER_SILENT, requestId);
    }
    if (read.kind === 'absent' || !maySee(caller, read.row.intent, operatorRole)) return problemResponse(NOT_FOUND);
    const { intent } = read.row;
    const { state } = intent;
    return jsonResponse(200, state.kind === 'vended' ? buildResult({ ...intent, state }) : statusOf(intent, state));
  });
}

const maySee = (caller: Caller, intent: Intent, operatorRole: string): boolean =>
  intent.caller === caller.id || caller.roles.includes(operatorRole);

const NOT_FOUND = { type: 'not-found', detail: 'No request with this id is yours.' } as const;
const LEDGER_SILENT = { type: 'ledger-unavailable', detail: 'The ledger did not answer; try again.' } as const;
