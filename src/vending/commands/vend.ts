import { previewOf } from '../answers/preview.ts';
import { type Credential, statusOf } from '../model/credential.ts';
import { credentialIdOf } from '../model/idempotency.ts';
import { CLEANING_UP, IN_PROGRESS, LEDGER_UNAVAILABLE, NOTHING_RECORDED, type Problem } from '../model/problems.ts';
import { namesCaller, type VendSettings } from '../policy/policy.ts';
import type { Stored } from '../ports/ledger.ts';
import { attempt } from '../saga/attempt.ts';
import { readCredential } from '../saga/commit.ts';
import { compensate } from '../saga/compensate.ts';
import type { Context } from '../saga/context.ts';
import { failed, type Outcome } from './outcome.ts';
import { planVend, type VendCommand, type VendPlan } from './plan-vend.ts';
import { lookUpHolder, lookUpName, NAME_TAKEN, needsNameLookUp, proveWritable, throttled } from './preflight.ts';

/** How often somebody else may be first. */
const MAX_TRIES = 4;

/**
 * Vends the first key of a credential, or says what became of it before.
 *
 * There is one credential for one idempotency key, however often and wherever it is sent. It answers `vended`
 * only when ledger and vault both have the key.
 */
export async function vend(ctx: Context, settings: VendSettings, command: VendCommand): Promise<Outcome> {
  const id = credentialIdOf(command.caller.id, command.key);
  const blind = planVend(settings, command, undefined, ctx.clock.now());
  // Strangers cost no call. A credential that is known was vended for the target of then, whatever the defaults are today.
  if (blind.kind === 'refuse' && !namesCaller(settings.policy, command.caller)) return failed(blind.problem, id);
  let known = isWorthARead(ctx, command, blind) ? await look(ctx, id) : NOTHING_KNOWN;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (known === 'unreachable') return failed(LEDGER_UNAVAILABLE, id);
    const plan = planVend(settings, command, known?.credential, ctx.clock.now());
    switch (plan.kind) {
      case 'refuse':
        return failed(plan.problem, id, known?.credential.attempts);
      case 'replay':
        return replay(id, known);
      case 'compensate':
        if (known !== undefined && (await compensate(ctx, known)).kind === 'open') return failed(CLEANING_UP, id);
        known = await look(ctx, id);
        break;
      case 'attempt': {
        const result = await attemptVend(ctx, settings, command, plan, known);
        if (result.kind !== 'again') return result;
        known = result.row;
      }
    }
  }
  return failed(IN_PROGRESS, id);
}

/** `again`: another writer was first, and another claim on its row is safe. */
type AttemptedVend = Outcome | { readonly kind: 'again'; readonly row: Stored | undefined };

async function attemptVend(
  ctx: Context,
  settings: VendSettings,
  command: VendCommand,
  plan: Extract<VendPlan, { kind: 'attempt' }>,
  from: Stored | undefined,
): Promise<AttemptedVend> {
  const { grant, draft, expiresOn } = plan;
  const { id } = draft;
  const obstacle = await preflight(ctx, plan, command.request.secretName !== undefined, from?.credential);
  if (obstacle !== undefined) return failed(obstacle, id, from?.credential.attempts);
  const claim = { purpose: 'vend', draft, grant: draft.grant, expiresOn } as const;
  const result = await attempt(ctx, { id, from, grant, claim });
  switch (result.kind) {
    case 'vended':
      return { kind: 'vended', credential: result.row.credential, replayed: false };
    case 'problem':
      return failed(result.problem, id, result.attempt);
    case 'taken':
      return failed(NAME_TAKEN, id);
    case 'overtaken':
      return result.mayClaim
        ? { kind: 'again', row: result.row }
        : answerOnly(settings, command, result.row, ctx.clock.now());
  }
}

/** The same up to the first effect. */
export async function previewVend(ctx: Context, settings: VendSettings, command: VendCommand): Promise<Outcome> {
  const id = credentialIdOf(command.caller.id, command.key);
  const known = await look(ctx, id);
  if (known === 'unreachable') return failed(LEDGER_UNAVAILABLE, id);
  const row = known?.credential;
  const plan = planVend(settings, command, row, ctx.clock.now());
  switch (plan.kind) {
    case 'refuse':
      return failed(plan.problem, id, row?.attempts);
    case 'compensate':
      return failed(CLEANING_UP, id, row?.attempts);
    case 'replay':
      return row === undefined
        ? failed(IN_PROGRESS, id)
        : { kind: 'previewed', preview: previewOf('vend', 'replay', row) };
    case 'attempt': {
      const isChosen = command.request.secretName !== undefined;
      const obstacle =
        (isChosen ? await lookUpHolder(ctx, plan.draft) : undefined) ??
        (needsNameLookUp(isChosen, row) ? await lookUpName(ctx, plan.draft, row) : undefined);
      if (obstacle !== undefined) return failed(obstacle, id, row?.attempts);
      return { kind: 'previewed', preview: previewOf('vend', 'mint', plan.draft, { expiresOn: plan.expiresOn }) };
    }
  }
}

type Known = Stored | undefined | 'unreachable';
const NOTHING_KNOWN: Known = undefined;

async function look(ctx: Context, id: string): Promise<Known> {
  const read = await readCredential(ctx, id);
  if (read.kind === 'found') return read.row;
  return read.kind === 'absent' ? undefined : 'unreachable';
}

/**
 * A first vend does not read: its insert's conflict is the look-up. It reads where something has to be asked before the
 * claim, or where nothing may be claimed, so that a replay does not depend on that.
 */
const isWorthARead = (ctx: Context, { request }: VendCommand, blind: VendPlan): boolean =>
  blind.kind !== 'attempt' ||
  request.secretName !== undefined ||
  throttled(ctx, blind.draft.target) !== undefined ||
  !ctx.vault.isProvenWritable(blind.draft.vaultUrl);

async function preflight(
  ctx: Context,
  { draft }: Extract<VendPlan, { kind: 'attempt' }>,
  isChosen: boolean,
  row: Credential | undefined,
): Promise<Problem | undefined> {
  const obstacle = throttled(ctx, draft.target) ?? (await proveWritable(ctx, draft.id, draft.vaultUrl));
  if (obstacle !== undefined) return obstacle;
  return needsNameLookUp(isChosen, row) ? lookUpName(ctx, draft, row) : undefined;
}

function replay(id: string, known: Stored | undefined): Outcome {
  const isVended = known !== undefined && statusOf(known.credential) === 'vended';
  return isVended ? { kind: 'vended', credential: known.credential, replayed: true } : failed(IN_PROGRESS, id);
}

/** Our own claim may still land, so there is no second one. */
function answerOnly(settings: VendSettings, command: VendCommand, row: Stored | undefined, now: number): Outcome {
  const id = credentialIdOf(command.caller.id, command.key);
  if (row === undefined) return failed(NOTHING_RECORDED, id);
  const { attempts } = row.credential;
  const plan = planVend(settings, command, row.credential, now);
  switch (plan.kind) {
    case 'replay':
      return replay(id, row);
    case 'refuse':
      return failed(plan.problem, id, attempts);
    case 'compensate':
      return failed(CLEANING_UP, id, attempts);
    case 'attempt':
      return failed(NOTHING_RECORDED, id, attempts);
  }
}
