import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { type Answer, type App, describe, patiently, problemOf } from './app.ts';
import type { Context } from './context.ts';
import { QUESTIONS } from './questions.ts';
import { askForKey, type Credential, credentialIn } from './vend.ts';
import { verifyDisabled } from './verify.ts';

const revokedSchema = z.object({ id: z.string(), status: z.literal('revoked') });

/** A POST whose answer nobody waited for may reach the ledger only after a DELETE that found nothing there. */
const SETTLE_MS = 20_000;
const SETTLE_STEP_MS = 2_000;

/**
 * Takes back what the run vended, or may have. Whatever stays is named.
 *
 * @param app not the context's: this one is not interrupted.
 * @param versions the answers so far; empty where a key may live of which nothing is known.
 */
export async function revokeCredential(context: Context, app: App, versions: readonly Credential[]): Promise<void> {
  const { report, credentialId } = context;
  const [first] = versions;
  const id = first?.id ?? credentialId;
  const answer = await askToRevoke(app, id, context.patienceMs, first === undefined);
  if (isRevoked(answer)) {
    report.ok('the credential is revoked', `credential ${id}`);
    // It is revoked only when Confluent says that the keys are gone.
    if (versions.length > 0) report.found(QUESTIONS.actions, 'yes: keys were minted, read and deleted');
  } else if (first === undefined && isNotFound(answer)) {
    report.ok('the credential is revoked', `no key of this request lives: ${describe(answer)}`);
  } else {
    report.failed('the credential is revoked', describe(answer));
    report.left(whatIsLeft(id, versions.at(-1)));
  }
}

/** 202 until everything is proven gone. */
async function askToRevoke(app: App, id: string, patienceMs: number, mayComeLate: boolean): Promise<Answer> {
  const settled = Date.now() + Math.min(SETTLE_MS, patienceMs);
  for (;;) {
    const answer = await patiently(() => app.revoke(id), patienceMs);
    if (!(mayComeLate && isNotFound(answer)) || Date.now() > settled) return answer;
    await sleep(SETTLE_STEP_MS);
  }
}

const isNotFound = (answer: Answer): boolean => problemOf(answer)?.type === 'not-found';

function whatIsLeft(id: string, vended?: Credential): string {
  const credential = `credential ${id}`;
  if (vended === undefined)
    return `${credential}: look for keys whose description ends in vend:${id}.<attempt>.<nonce>`;
  const keys = [vended.apiKey.id, vended.previous?.apiKeyId].filter((key) => key !== undefined);
  return `${credential}, key ${keys.join(', key ')}, secret ${vended.secret.id}`;
}

/** That revoking worked, and holds. @param versions every answer that named a version. */
export async function verifyRevoked(context: Context, id: string, versions: readonly Credential[]): Promise<void> {
  const { app, report } = context;
  const again = await app.revoke(id);
  if (isRevoked(again)) report.ok('revoked again: same answer', '200');
  else report.failed('revoked again: same answer', describe(again));
  const status = await app.get(`/v1/credentials/${id}`);
  if (isRevoked(status)) report.ok('credential reads as revoked', '200');
  else report.failed('credential reads as revoked', describe(status));
  await verifyDisabled(context, versions);
  const answer = await askForKey(context);
  if (problemOf(answer)?.type === 'revoked') return report.ok('its idempotency key is spent', '410 revoked');
  report.failed('its idempotency key is spent', describe(answer));
  const revived = credentialIn(answer);
  if (revived !== undefined) report.left(whatIsLeft(revived.id, revived));
}

const isRevoked = (answer: Answer): boolean =>
  answer.kind === 'answered' && answer.status === 200 && revokedSchema.safeParse(answer.json).success;
