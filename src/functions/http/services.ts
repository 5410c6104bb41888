import type { HttpResponseInit } from '@azure/functions';
import type { VendSettings } from '../../vending/commands/settings.ts';
import { CREDENTIAL_ID_PATTERN } from '../../vending/model/idempotency.ts';
import { NOT_FOUND } from '../../vending/model/problems.ts';
import { type Authority, authorityOf } from '../../vending/policy/authority.ts';
import type { Context, Effects } from '../../vending/saga/context.ts';
import { contextFor } from '../context-log.ts';
import type { Gate } from './gate.ts';
import type { Asked } from './guarded.ts';
import { problemResponse } from './responses.ts';

/** The routes on credentials work with these. */
export interface HttpServices {
  readonly gate: Gate;
  readonly effects: Effects;
  readonly settings: VendSettings;
  readonly operatorRole: string;
}

/** The audit trail names the operator who acts on a credential. */
export function whoAsks(
  { effects, operatorRole }: Pick<HttpServices, 'effects' | 'operatorRole'>,
  { http, context, caller }: Asked,
): { readonly authority: Authority; readonly ctx: Context } {
  const authority = authorityOf(caller, operatorRole);
  const name = authority.kind === 'operator' ? `operator:${caller.id}` : 'worker';
  const ctx = contextFor(effects, context, { party: 'worker', name }, http.headers.get('traceparent'));
  return { authority, ctx };
}

/** For a route with the id of a credential in its path. */
export function onCredential<Query>(
  handler: (asked: Asked<Query>, id: string) => Promise<HttpResponseInit>,
): (asked: Asked<Query>) => Promise<HttpResponseInit> {
  return async (asked) => {
    const { id = '' } = asked.http.params;
    return CREDENTIAL_ID_PATTERN.test(id) ? handler(asked, id) : problemResponse(NOT_FOUND);
  };
}
