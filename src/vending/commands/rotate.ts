import type { RotationAnswer } from '../answers/credential.ts';
import { previewOf } from '../answers/preview.ts';
import {
  CLEANING_UP,
  IN_PROGRESS,
  LEDGER_UNAVAILABLE,
  NOTHING_RECORDED,
  type Problem,
  problemOf,
  REVOKED,
} from '../model/problems.ts';
import { overlapEnd } from '../model/row-parts.ts';
import { attemptKey, type RowOf } from '../model/rows.ts';
import type { VendSettings } from '../policy/policy.ts';
import type { ReadOutcome, Stored } from '../ports/ledger.ts';
import { attempt } from '../saga/attempt.ts';
import { readCredential } from '../saga/commit.ts';
import { compensate } from '../saga/compensate.ts';
import type { Context } from '../saga/context.ts';
import { findCredential } from './find.ts';
import { failed, type Outcome } from './outcome.ts';
import { planRotate, type RotateCommand, type RotationPlan } from './plan-rotate.ts';
import { proveWritable, throttled } from './preflight.ts';

const MAX_TRIES = 4;

/**
 * Puts another key and another version of the same secret in the place of the current one. The old key lives on for the
 * overlap. If the rotation fails, everything stays as it was.
 *
 * The same idempotency key is one rotation, however often it is sent and whatever came after it.
 */
export async function rotate(ctx: Context, settings: VendSettings, command: RotateCommand): Promise<Outcome> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const found = await findCredential(ctx, settings.policy, command);
    if (found.kind === 'problem') return found;
    const { row } = found;
    const plan = planRotate(settings, command, row.credential, ctx.clock.now());
    switch (plan.kind) {
      case 'compensate':
        if ((await compensate(ctx, row)).kind === 'open') return refused(ctx, command, row, CLEANING_UP);
        break;
      case 'refuse':
        return refused(ctx, command, row, plan.problem);
      case 'attempt': {
        const outcome = await attemptRotation(ctx, command, row, plan);
        if (outcome !== 'again') return outcome;
      }
    }
  }
  return failed(IN_PROGRESS, command.id);
}

/** @returns `again` where another writer was first, and another claim is safe */
async function attemptRotation(
  ctx: Context,
  command: RotateCommand,
  row: Stored,
  { grant, claim }: Extract<RotationPlan, { kind: 'attempt' }>,
): Promise<Outcome | 'again'> {
  const { id, requestHash } = command;
  const { target, vaultUrl } = row.credential;
  const obstacle = throttled(ctx, target) ?? (await proveWritable(ctx, id, vaultUrl));
  if (obstacle !== undefined) return refused(ctx, command, row, obstacle);
  const result = await attempt(ctx, { id, from: row, grant, claim: { purpose: 'rotate', requestHash, ...claim } });
  switch (result.kind) {
    case 'vended': {
      const { credential } = result.row;
      const made = credential.current?.key.id;
      const rotation: RotationAnswer = { status: 'vended', ...(made !== undefined && { apiKeyId: made }) };
      return { kind: 'vended', credential, replayed: false, rotation };
    }
    case 'problem':
      return failed(result.problem, id, result.attempt);
    case 'taken':
      return (await replayOf(ctx, command, row)) ?? failed(IN_PROGRESS, id);
    case 'overtaken':
      if (result.mayClaim) return 'again';
      // Our own claim may still land, so there is no second one.
      return failed(result.row?.credential.work === undefined ? NOTHING_RECORDED : IN_PROGRESS, id);
  }
}

/** The same up to the first effect. */
export async function previewRotate(ctx: Context, settings: VendSettings, command: RotateCommand): Promise<Outcome> {
  const found = await findCredential(ctx, settings.policy, command);
  if (found.kind === 'problem') return found;
  const { credential } = found.row;
  const replay = await replayOf(ctx, command, found.row);
  if (replay?.kind === 'vended') return { kind: 'previewed', preview: previewOf('rotate', 'replay', credential) };
  if (replay !== undefined) return replay;
  const plan = planRotate(settings, command, credential, ctx.clock.now());
  switch (plan.kind) {
    case 'refuse':
      return failed(plan.problem, credential.id);
    case 'compensate':
      return failed(CLEANING_UP, credential.id);
    case 'attempt': {
      const { expiresOn, overlapMs, grant } = plan.claim;
      const previousKeyUntil = overlapEnd(credential.current ?? {}, ctx.clock.now(), overlapMs);
      const dates = { expiresOn, previousKeyUntil };
      return { kind: 'previewed', preview: previewOf('rotate', 'mint', { ...credential, grant }, dates) };
    }
  }
}

/** A rotation is not refused before it is known that it is not a repeated one. */
const refused = async (ctx: Context, command: RotateCommand, row: Stored, problem: Problem): Promise<Outcome> =>
  (await replayOf(ctx, command, row)) ?? failed(problem, command.id);

const REUSED = problemOf('idempotency-key-reused', 'This idempotency key belongs to a rotation with other terms.');

/** The answer to a rotation that was asked for before: the credential as it is now, and the key that the rotation made. */
async function replayOf(
  ctx: Context,
  { id, requestKey, requestHash }: RotateCommand,
  row: Stored,
): Promise<Outcome | undefined> {
  const request = await ctx.ledger.read('rotation', id, requestKey);
  if (request.kind === 'absent') return undefined;
  if (request.kind !== 'found') return failed(LEDGER_UNAVAILABLE, id);
  if (request.value.requestHash !== requestHash) return failed(REUSED, id);
  // The request row says that the rotation was claimed. Only the attempt's own record says what it made.
  const made = await attemptOf(ctx, request.value);
  if (made.kind !== 'found') return failed(LEDGER_UNAVAILABLE, id);
  const { outcome, apiKeyId } = made.value;
  if (outcome !== 'vended') return undefined;
  const rotation: RotationAnswer = { status: 'vended', ...(apiKeyId !== undefined && { apiKeyId }) };
  // The rotation may have ended since the row was read.
  const read = row.credential.work === undefined ? undefined : await readCredential(ctx, id);
  const { credential } = read?.kind === 'found' ? read.row : row;
  if (credential.revocation !== undefined) return failed(REVOKED, id);
  return { kind: 'vended', credential, replayed: true, rotation };
}

/** 0.3.0 wrote an attempt without its nonce in the key. One that was under way at the upgrade has two rows. */
async function attemptOf({ ledger }: Context, request: RowOf<'rotation'>): Promise<ReadOutcome<RowOf<'attempt'>>> {
  const within = attemptKey(request);
  const listed = request.nonce === undefined ? await ledger.list({ kind: 'attempt', within, limit: 1 }) : undefined;
  if (listed?.kind === 'unreachable') return listed;
  const [row] = listed?.rows ?? [];
  return row === undefined ? ledger.read('attempt', ...within) : { kind: 'found', value: row.value, etag: '' };
}
