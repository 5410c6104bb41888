import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { type ClientWorld, type Conversation, converse } from '../http-client.ts';
import { PORTAL } from '../orders.ts';
import { type HttpOrder, type Question, revocationOf, rotationOf } from '../questions.ts';
import type { Random } from '../random.ts';
import type { Watch } from '../watch.ts';

const vendedSchema = z.object({
  requestId: z.string(),
  status: z.literal('vended'),
  secret: z.object({ name: z.string() }),
});

export interface Changing {
  readonly world: ClientWorld;
  readonly watch: Watch;
  readonly storm: AbortSignal;
}

/** What becomes of a key once it was vended: as its order's fate says, while the storm lasts. */
export async function changeOverHttp(
  { world, watch, storm }: Changing,
  { fate, patienceMs, requestId }: HttpOrder,
  asked: readonly Conversation[],
  random: Random,
): Promise<Conversation[]> {
  const vended = vendedIn(asked);
  if (vended === undefined || fate === 'kept') return [];
  if (fate === 'rotated') watch.add({ requestId, caller: PORTAL, secretName: vended.secret.name });
  await sleep(random.int(0, 1_500), undefined, { signal: storm }).catch(() => undefined);
  if (storm.aborted) return [];
  const askedBySeveral = (question: Question): Promise<Conversation[]> =>
    Promise.all(
      Array.from({ length: random.int(1, 4) }, (_, client) =>
        converse(world, question, random.fork(`${question.operation} ${client}`)),
      ),
    );
  if (fate === 'revoked') return askedBySeveral(revocationOf(requestId, patienceMs));
  const first = await askedBySeveral(rotationOf(requestId, patienceMs));
  const successor = vendedIn(first);
  if (successor === undefined || storm.aborted || random.chance(0.7)) return first;
  const persistent = { ...rotationOf(successor.requestId, patienceMs), persistsUntil: storm };
  return [...first, ...(await askedBySeveral(persistent))];
}

const vendedIn = (asked: readonly Conversation[]): z.infer<typeof vendedSchema> | undefined =>
  asked.flatMap(({ answers }) => vendedSchema.safeParse(answers.at(-1)?.body).data ?? []).at(0);
