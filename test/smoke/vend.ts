import { resultSchema, type VendResult } from '../../src/vending/answers/result.ts';
import { VAULT_URL } from '../../src/vending/model/vault-url.ts';
import { type Answer, type Answered, describe, patiently, problemOf } from './app.ts';
import type { Context } from './context.ts';
import { looksSecret } from './report.ts';

/** `nothing`: no key can be there. `maybe`: one may, without a reference that could be checked. */
export type Vended =
  | { readonly kind: 'vended'; readonly result: VendResult }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'maybe' };

/** The problems after which a key may live, or come to. */
const KEY_MAY_LIVE: ReadonlySet<string> = new Set([
  'outcome-unknown',
  'request-in-progress',
  'not-yet-confirmed',
  'out-of-time',
  'ledger-unavailable',
  'internal-error',
]);

export async function vendKey(context: Context): Promise<Vended> {
  const { report } = context;
  const answer = await askForKey(context);
  const result = resultOf(answer);
  if (result !== undefined && answer.kind === 'answered') {
    report.ok(
      'a key is vended',
      `${answer.status} in ${answer.ms} ms, request ${result.requestId}, key ${result.apiKey.id}`,
    );
    checkAnswer(context, answer, result);
    return { kind: 'vended', result };
  }
  report.failed('a key is vended', describe(answer));
  const problem = problemOf(answer);
  report.found('createAPIKey', `no key: ${problem?.type ?? describe(answer)}`);
  const proven =
    answer.kind === 'answered' && (problem === undefined ? answer.status < 500 && answer.status >= 300 : true);
  return { kind: proven && !KEY_MAY_LIVE.has(problem?.type ?? '') ? 'nothing' : 'maybe' };
}

/** Asks with the run's one idempotency key: it may be repeated as often as need be. */
export const askForKey = ({ app, request, idempotencyKey, patienceMs, interruption }: Context): Promise<Answer> =>
  patiently(() => app.vend(request, idempotencyKey), patienceMs, interruption);

export function resultOf(answer: Answer): VendResult | undefined {
  const good = answer.kind === 'answered' && (answer.status === 201 || answer.status === 200);
  return good ? resultSchema.safeParse(answer.json).data : undefined;
}

function checkAnswer({ report, request, requestId }: Context, answer: Answered, result: VendResult): void {
  if (result.requestId === requestId) report.ok('request id', 'as computed from caller and idempotency key');
  else report.failed('request id', `${result.requestId}, computed ${requestId}`);
  if (looksSecret(answer.text)) report.failed('the answer is a reference', 'it holds what looks like a secret');
  else report.ok('the answer is a reference', result.secret.id);
  if (VAULT_URL.test(result.secret.vaultUrl)) report.ok('vault', result.secret.vaultUrl);
  else report.failed('vault', `${result.secret.vaultUrl} is no Key Vault`);
  const { owner, resource } = result.apiKey.spec;
  report.ok('owner of the key', owner === undefined ? 'not named' : JSON.stringify(owner));
  report.found('createAPIKey answers with a non-empty secret', 'yes, or nothing would have been vended');
  report.found(
    'owner of a key minted by the app’s identity',
    owner === undefined ? 'not named' : JSON.stringify(owner),
  );
  report.found('spec.resource of the answer', `${JSON.stringify(resource ?? null)} for ${request.clusterId}`);
  report.found('time to vend', `${answer.ms} ms`);
}
