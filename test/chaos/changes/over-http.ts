import { credentialAnswerSchema } from '../../../src/vending/answers/credential.ts';
import { type ClientWorld, type Conversation, converse } from '../http-client.ts';
import type { HttpOrder } from '../orders.ts';
import { type Question, questionOf } from '../questions.ts';
import type { Random } from '../random.ts';
import { sleepBy } from '../sleep.ts';
import type { Watch } from '../watch.ts';
import { type Change, endOfOverlap, firstChanges, outlastsTheRun, rotation } from './change.ts';

export interface Changing {
  readonly world: ClientWorld;
  readonly watch: Watch;
  readonly storm: AbortSignal;
}

/** Changes a credential that was vended, as its order's fate says, while the storm lasts. */
export async function changeOverHttp(
  { world, watch, storm }: Changing,
  order: HttpOrder,
  asked: readonly Conversation[],
  random: Random,
): Promise<Conversation[]> {
  const { id, fate, patienceMs } = order;
  const vended = lastAnswer(asked);
  if (vended?.apiKey === undefined || fate === 'kept') return [];
  if (isWatched(order)) watch.add({ id, secretName: vended.secret.name });
  await sleepBy(world.azure.clock, random.int(0, 1_500), storm);
  if (storm.aborted) return [];
  const ask = (questions: readonly Question[], name: string): Promise<Conversation[]> =>
    Promise.all(questions.map((question, client) => converse(world, question, random.fork(`${name} ${client}`))));
  const askFor = (changes: readonly Change[], name: string): Promise<Conversation[]> =>
    ask(
      changes.map((change) => questionOf(change, patienceMs)),
      name,
    );
  const changes = firstChanges(order, vended.apiKey.id, random);
  const first = await askFor(changes, 'first');
  const previous = lastAnswer(first)?.previous;
  if (previous === undefined || storm.aborted) return first;
  const ends = await askFor(endOfOverlap(order, previous.apiKeyId, random), 'end of overlap');
  if (fate !== 'rotated' || changes.some(outlastsTheRun) || random.chance(0.7)) return [...first, ...ends];
  const another = { ...questionOf(rotation(id, 'second'), patienceMs), persists: true } as const;
  return [...first, ...(await ask([another, another].slice(0, random.int(1, 2)), 'second'))];
}

/** Its reference must never lead to a dead key, for nobody revokes it. */
export const isWatched = ({ fate }: Pick<HttpOrder, 'fate'>): boolean =>
  fate === 'rotated' || fate === 'rivals' || fate === 'overlap-ended';

const lastAnswer = (conversations: readonly Conversation[]) =>
  conversations.flatMap(({ answers }) => credentialAnswerSchema.safeParse(answers.at(-1)?.body).data ?? []).at(0);
