import type * as z from 'zod';
import type { FieldError } from '../model/problems.ts';
import { pointerTo } from './json-pointer.ts';

const MAX_ERRORS = 20;

/** Turns zod's issues into `errors` of RFC 9457: one for each unknown field, 20 at most. Values are never repeated. */
export function fieldErrors(issues: readonly z.core.$ZodIssue[]): readonly FieldError[] {
  const errors = issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ pointer: pointerTo(issue.path), detail: issue.message }];
    return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), detail: 'is not a known field' }));
  });
  const rest = errors.length - MAX_ERRORS;
  return rest <= 0 ? errors : [...errors.slice(0, MAX_ERRORS), { pointer: '', detail: `has ${rest} more errors` }];
}

/** For the `error` of a zod type: tells a missing field from one of the wrong type. */
export function expecting(type: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => (input === undefined ? 'is required' : `must be ${type}`);
}
