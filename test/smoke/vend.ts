import * as z from 'zod';
import { credentialAnswerSchema } from '../../src/vending/answers/credential.ts';
import { VAULT_URL } from '../../src/vending/model/resources.ts';
import { type Answer, type Answered, describe, patiently, problemOf } from './app.ts';
import type { Context } from './context.ts';
import { meaningOf } from './meanings.ts';
import { QUESTIONS } from './questions.ts';
import { looksSecret } from './report.ts';

const { secret, apiKey } = credentialAnswerSchema.shape;

/** The answer about a credential that has a key. Fields that it should not have are looked for in its text. */
const credentialSchema = credentialAnswerSchema.strip().extend({
  status: z.literal('vended'),
  secret: secret.strip().required({ id: true, version: true }),
  apiKey: apiKey.unwrap().strip(),
});
export type Credential = z.infer<typeof credentialSchema>;

/** `nothing`: no key can be there. `maybe`: one may, without a reference that could be checked. */
export type Vended =
  | { readonly kind: 'vended'; readonly credential: Credential; readonly location: string | null }
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
  const { report, caller } = context;
  const answer = await askForKey(context);
  const vended = outcomeOf(answer);
  if (vended.kind !== 'vended' || answer.kind !== 'answered') {
    report.failed('a key is vended', describe(answer), meaningOf(answer, caller));
    reportRefusal(context, answer);
    return vended;
  }
  const { id, apiKey } = vended.credential;
  report.ok('a key is vended', `${answer.status} in ${answer.ms} ms, credential ${id}, key ${apiKey.id}`);
  checkAnswer(context, answer, vended.credential);
  return vended;
}

export function outcomeOf(answer: Answer): Vended {
  const credential = credentialIn(answer);
  if (credential !== undefined && answer.kind === 'answered')
    return { kind: 'vended', credential, location: answer.headers.get('location') };
  const problem = problemOf(answer);
  const proven =
    answer.kind === 'answered' && (problem === undefined ? answer.status < 500 && answer.status >= 300 : true);
  return { kind: proven && !KEY_MAY_LIVE.has(problem?.type ?? '') ? 'nothing' : 'maybe' };
}

/** A refusal answers some of the questions too. */
function reportRefusal({ report }: Context, answer: Answer): void {
  const type = problemOf(answer)?.type;
  const minted = type === 'key-unusable' || type === 'owner-not-allowed';
  report.found(QUESTIONS.mint, minted ? `yes: ${type}` : `no key: ${type ?? describe(answer)}`);
  if (type === 'key-unusable') report.found(QUESTIONS.secret, 'no');
  if (type === 'quota-exhausted') report.found(QUESTIONS.quota, 'recognized; status and code are in the log');
}

/** Asks with the run's one idempotency key: it may be repeated as often as need be. */
export const askForKey = ({ app, request, idempotencyKey, patienceMs, interruption }: Context): Promise<Answer> =>
  patiently(() => app.vend(request, idempotencyKey), patienceMs, interruption);

export function credentialIn(answer: Answer): Credential | undefined {
  const good = answer.kind === 'answered' && (answer.status === 201 || answer.status === 200);
  return good ? credentialSchema.safeParse(answer.json).data : undefined;
}

function checkAnswer({ report, request, credentialId }: Context, answer: Answered, credential: Credential): void {
  const { id, secret, apiKey } = credential;
  if (id === credentialId) report.ok('credential id', 'as computed from caller and idempotency key');
  else report.failed('credential id', `${id}, computed ${credentialId}`);
  if (looksSecret(answer.text)) report.failed('the answer is a reference', 'it holds what looks like a secret');
  else report.ok('the answer is a reference', secret.id);
  if (VAULT_URL.test(secret.vaultUrl)) report.ok('vault', secret.vaultUrl);
  else report.failed('vault', `${secret.vaultUrl} is no Key Vault`);
  const { owner, resource } = apiKey.spec;
  const named = owner === undefined ? 'not named' : JSON.stringify(owner);
  report.ok('owner of the key', named);
  report.found(QUESTIONS.mint, 'yes');
  report.found(QUESTIONS.secret, 'yes, or nothing would have been vended');
  report.found(QUESTIONS.owner, named);
  report.found(QUESTIONS.policy, 'yes, or no rule would have matched');
  report.found('kind of the answer', apiKey.kind ?? 'none');
  report.found('spec.resource of the answer', `${JSON.stringify(resource ?? null)} for ${request.clusterId}`);
  report.found('time to vend', `${answer.ms} ms`);
}
