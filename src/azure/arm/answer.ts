import * as z from 'zod';
import type { UpstreamTrace } from '../../vending/model/upstream.ts';
import { parseJson } from '../json.ts';
import { traceOfResponse } from '../upstream-trace.ts';
import type { ArmAnswer } from './transport.ts';

/** With these codes ARM answers for itself, before it asks the provider. */
const CODES_OF_THE_GATEWAY: ReadonlySet<string | undefined> = new Set([
  'AuthorizationFailed',
  'MissingSubscriptionRegistration',
  'ReadOnlyDisabledSubscription',
  'RequestDisallowedByPolicy',
  'ResourceGroupBeingDeleted',
  'ScopeLocked',
]);
const STATUSES_OF_THE_GATEWAY: ReadonlySet<number> = new Set([403, 404, 409]);

const errorSchema = z.object({ error: z.object({ code: z.string() }) });

export const isSuccess = (status: number): boolean => status >= 200 && status < 300;

export const errorCodeOf = ({ status, body }: ArmAnswer): string | undefined =>
  isSuccess(status) ? undefined : errorSchema.safeParse(parseJson(body)).data?.error.code;

/** Holds nothing of the answer's text, which may contain the secret. */
export const traceOfAnswer = (answer: ArmAnswer): UpstreamTrace => traceOfResponse('arm', answer, errorCodeOf(answer));

/** ARM refused, and proves that it did not ask the provider. The provider alone mints, deletes and knows keys. */
export const isRefusedUnasked = (answer: ArmAnswer): boolean =>
  STATUSES_OF_THE_GATEWAY.has(answer.status) &&
  (answer.headers.get('x-ms-failure-cause')?.toLowerCase() === 'gateway' ||
    CODES_OF_THE_GATEWAY.has(errorCodeOf(answer)));
