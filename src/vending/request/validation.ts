import * as z from 'zod';
import { IDEMPOTENCY_KEY_PATTERN } from '../model/idempotency.ts';
import type { FieldError } from '../model/problems.ts';
import { API_KEY_ID } from '../model/resources.ts';
import { DAY_MS } from '../model/timings.ts';

/** Of one answer. */
export const MAX_ERRORS = 20;

/** Turns zod's issues into `errors` of RFC 9457: one for each unknown field, 20 at most. Values are never repeated. */
export function fieldErrors(issues: readonly z.core.$ZodIssue[]): readonly FieldError[] {
  const errors = issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ pointer: pointerTo(issue.path), detail: issue.message }];
    return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), detail: 'is not a known field' }));
  });
  const rest = errors.length - MAX_ERRORS;
  return rest <= 0 ? errors : [...errors.slice(0, MAX_ERRORS), { pointer: '', detail: `has ${rest} more errors` }];
}

/** For the `error` of a zod type: a missing field has another text than one of the wrong type. */
export function expecting(type: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => (input === undefined ? 'is required' : `must be ${type}`);
}

export const apiKeyIdField = () =>
  z.string({ error: expecting('a string') }).regex(API_KEY_ID, 'must be the id of an API key');

export const idempotencyKeyField = () =>
  z
    .string({ error: expecting('a string') })
    .regex(IDEMPOTENCY_KEY_PATTERN, 'must be 1 to 128 printable ASCII characters, no space at either end')
    .exactOptional();

export const validateOnlyField = (nothing = 'nothing is minted, nothing is written') =>
  z
    .boolean({ error: 'must be true or false' })
    .exactOptional()
    .meta({ description: `Says what would happen; ${nothing}.` });

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const MAX_NAME = 64;

/** RFC 6901. Names come from callers: they are cut at 64 characters, and what cannot be printed becomes U+FFFD. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((segment) => `/${printable(String(segment)).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function printable(name: string): string {
  const cut = name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
  return cut.toWellFormed().replace(UNPRINTABLE, '\uFFFD');
}

const MINUTE_MS = 60_000;
const SHORTEST_MS = MINUTE_MS;
const LONGEST_MS = 3650 * DAY_MS;
const LIMITS_RULE = 'must be at least PT1M and at most P3650D';

const ISO_DURATION =
  /^P(?=[0-9T])(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?$/;
const UNITS_MS = [7 * DAY_MS, DAY_MS, 60 * MINUTE_MS, MINUTE_MS, 1000];

/**
 * Milliseconds of an ISO 8601 duration in weeks, days, hours, minutes and seconds, whole numbers only. Years and
 * months have no fixed length and are not read.
 */
export function parseDuration(text: string): number | undefined {
  const amounts = ISO_DURATION.exec(text)?.slice(1);
  return amounts?.reduce((sum, amount, index) => sum + Number(amount ?? 0) * (UNITS_MS[index] ?? 0), 0);
}

/** A validity: from one minute to 3650 days. */
export const validitySchema = z
  .string({ error: expecting('a string') })
  .regex(ISO_DURATION, {
    error: 'must be an ISO 8601 duration in weeks, days, hours, minutes or seconds, such as P90D or PT12H',
    abort: true,
  })
  .refine(isWithinLimits, LIMITS_RULE);

const OVERLAP_RULE =
  'must be an ISO 8601 duration in weeks, days, hours, minutes or seconds, PT1M to P3650D, such as PT48H';

/** Like a validity, or `PT0S` for operators, who have to end a leak. */
export const overlapSchema = z
  .string(OVERLAP_RULE)
  .regex(ISO_DURATION, { error: OVERLAP_RULE, abort: true })
  .refine((text) => text === 'PT0S' || isWithinLimits(text), LIMITS_RULE);

function isWithinLimits(text: string): boolean {
  const ms = parseDuration(text) ?? 0;
  return ms >= SHORTEST_MS && ms <= LONGEST_MS;
}
