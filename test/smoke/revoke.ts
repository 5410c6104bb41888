import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { VendResult } from '../../src/vending/answers/result.ts';
import { type Answer, type App, describe, patiently, problemOf } from './app.ts';
import type { Context } from './context.ts';
import { askForKey, resultOf, type Vended } from './vend.ts';
import { verifyDisabled } from './verify.ts';

const revokedSchema = z.object({ requestId: z.string(), status: z.literal('revoked') });
const failedSchema = z.object({ status: z.literal('failed') });

/** A POST whose answer nobody waited for may reach the ledger only after a DELETE that found nothing there. */
const SETTLE_MS = 20_000;
const SETTLE_STEP_MS = 2_000;

/**
 * Takes back what the run vended, or may have. Whatever stays is named.
 * @param app not the context's: this one is not interrupted.
 */
export async function revokeKey(
  context: Context,
  app: App,
  vended: Exclude<Vended, { kind: 'nothing' }>,
): Promise<void> {
  const { report, requestId } = context;
  const result = vended.kind === 'vended' ? vended.result : undefined;
  const answer = await askToRevoke(app, result?.requestId ?? requestId, context.patienceMs, result === undefined);
  if (isRevoked(answer)) {
    report.ok('the key is revoked', `request ${requestId}`);
  } else if (result === undefined && (isUnknown(answer) || (await hasFailed(app, requestId)))) {
    report.ok('the key is revoked', `no key of this request lives: ${describe(answer)}`);
  } else {
    report.failed('the key is revoked', describe(answer));
    report.left(whatIsLeft(requestId, result));
  }
}

async function askToRevoke(app: App, requestId: string, patienceMs: number, mayComeLate: boolean): Promise<Answer> {
  const settled = Date.now() + Math.min(SETTLE_MS, patienceMs);
  for (;;) {
    const answer = await patiently(() => app.revoke(requestId), patienceMs);
    if (!(mayComeLate && isUnknown(answer)) || Date.now() > settled) return answer;
    await sleep(SETTLE_STEP_MS);
  }
}

/** `failed` is proven: there is no key. */
async function hasFailed(app: App, requestId: string): Promise<boolean> {
  const answer = await app.get(`/v1/api-keys/${requestId}`);
  return answer.kind === 'answered' && failedSchema.safeParse(answer.json).success;
}

const isUnknown = (answer: Answer): boolean => problemOf(answer)?.type === 'not-found';

function whatIsLeft(requestId: string, vended?: VendResult): string {
  const request = `request ${vended?.requestId ?? requestId}`;
  if (vended === undefined) return `${request}: look for keys whose description ends in vend:${requestId}.<attempt>`;
  return `${request}, key ${vended.apiKey.id}, secret ${vended.secret.id}`;
}

/** That revoking worked, and holds. */
export async function verifyRevoked(context: Context, vended: VendResult): Promise<void> {
  const { app, report } = context;
  const again = await app.revoke(vended.requestId);
  if (isRevoked(again)) report.ok('revoked again: same answer', '200');
  else report.failed('revoked again: same answer', describe(again));
  const status = await app.get(`/v1/api-keys/${vended.requestId}`);
  if (isRevoked(status)) report.ok('request reads as revoked', '200');
  else report.failed('request reads as revoked', describe(status));
  await verifyDisabled(context, vended);
  const answer = await askForKey(context);
  if (problemOf(answer)?.type === 'revoked') return report.ok('its idempotency key is spent', '410 revoked');
  report.failed('its idempotency key is spent', describe(answer));
  const revived = resultOf(answer);
  if (revived !== undefined) report.left(whatIsLeft(revived.requestId, revived));
}

const isRevoked = (answer: Answer): boolean =>
  answer.kind === 'answered' && answer.status === 200 && revokedSchema.safeParse(answer.json).success;
