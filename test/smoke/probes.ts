import { type App, describe } from './app.ts';
import type { Context } from './context.ts';
import { QUESTIONS } from './questions.ts';
import { revokeCredential } from './revoke.ts';
import { askForKey, outcomeOf } from './vend.ts';

/** Two more questions to Confluent. @param contextFor a context of its own for another request. */
export async function probe(contextFor: (change: Context['request']) => Context, janitor: App): Promise<void> {
  await ask(contextFor({ clusterId: 'lkc-000000' }), janitor, QUESTIONS.cluster);
  // With the marker it is as long as one can be.
  await ask(contextFor({ description: 'x'.repeat(200) }), janitor, QUESTIONS.description);
}

/** Any answer is one, but for a key that may live unseen. */
async function ask(context: Context, janitor: App, question: string): Promise<void> {
  if (context.interruption.aborted) return;
  const answer = await askForKey(context);
  const outcome = outcomeOf(answer);
  const known = outcome.kind === 'vended' ? `yes, key ${outcome.credential.apiKey.id}` : describe(answer);
  context.report.found(question, known);
  context.report.ok('probe', `${question} ${known}`);
  if (outcome.kind === 'nothing') return;
  await revokeCredential(context, janitor, outcome.kind === 'vended' ? [outcome.credential] : []);
}
