import type { Intent } from './intent.ts';
import { intentIdOf, rotationIdOf } from './model/idempotency.ts';
import type { FieldError } from './model/problems.ts';
import type { Target } from './model/target.ts';
import type { Grant } from './policy/policy.ts';
import { hashRequest, validForMs } from './request/request.ts';
import type { IntentDraft } from './saga/claim.ts';
import { checkChosenName, defaultSecretName } from './secret/naming.ts';
import type { VendCommand } from './vend.ts';

export type Drafted =
  | { readonly kind: 'drafted'; readonly draft: IntentDraft }
  | { readonly kind: 'invalid'; readonly error: FieldError };

/** Resolves a request once and for all under what policy grants: every attempt uses the same place and target. */
export function draftIntent(
  { caller, key, request }: VendCommand,
  target: Target,
  grant: Grant,
  { vaultUrl, now }: { readonly vaultUrl: string; readonly now: number },
): Drafted {
  const id = intentIdOf(caller.id, key);
  const nameError = request.secretName === undefined ? undefined : checkChosenName(request.secretName, grant);
  if (nameError !== undefined) return { kind: 'invalid', error: nameError };
  const asked = validForMs(request);
  if (asked !== undefined && grant.maxValidForMs !== undefined && asked > grant.maxValidForMs) {
    return { kind: 'invalid', error: { pointer: '/validFor', detail: 'validFor is longer than policy allows' } };
  }
  return {
    kind: 'drafted',
    draft: {
      id,
      caller: caller.id,
      requestHash: hashRequest(request),
      target,
      name: request.name,
      ...(request.description === undefined ? {} : { description: request.description }),
      vaultUrl: grant.vaultUrl ?? vaultUrl,
      secretName: request.secretName ?? defaultSecretName(target.clusterId, request.name, id),
      secretFormat: request.secretFormat ?? 'secret',
      ...termsOf(grant, asked, now),
      createdAt: now,
    },
  };
}

/** The same key once more, for the same secret: what it is and where it goes is inherited, its terms are today's. */
export function draftRotation(
  { supersedes: _, rotateEveryMs: __, expiresOn: ___, validForMs: asked, ...old }: Intent,
  grant: Grant,
  { overlapMs, now }: { readonly overlapMs: number; readonly now: number },
): IntentDraft {
  const { attempt, state, dueAt, writeId, earlierKeys, outbox, ...inherited } = old;
  return {
    ...inherited,
    id: rotationIdOf(old),
    ...termsOf(grant, asked, now),
    supersedes: { intentId: old.id, overlapMs },
    createdAt: now,
  };
}

type Terms = Pick<Intent, 'rule'> & Partial<Pick<Intent, 'validForMs' | 'expiresOn' | 'rotateEveryMs'>>;

function termsOf(grant: Grant, asked: number | undefined, now: number): Terms {
  const { rule, maxValidForMs: most, rotateEveryMs } = grant;
  const holds = asked === undefined || most === undefined ? (asked ?? most) : Math.min(asked, most);
  return {
    rule,
    ...(holds === undefined ? {} : { validForMs: holds, expiresOn: new Date(now + holds).toISOString() }),
    ...(rotateEveryMs === undefined ? {} : { rotateEveryMs }),
  };
}
