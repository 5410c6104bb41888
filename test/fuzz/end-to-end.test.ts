import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { badExchange, type Exchange } from './arbitraries/exchanges.ts';
import { badMessage, identified } from './arbitraries/wire-messages.ts';
import { casesOf, holds, PATIENCE } from './cases.ts';
import { Target } from './end-to-end.ts';
import { type Answer, expectProblem, expectProblemAnswer } from './oracle.ts';

/** Answers to requests that the host takes for no function, or cannot read. */
const HOSTS_OWN = [400, 401, 404, 414, 417, 431];
/** A body over its limit fails in the host. */
const OVER_THE_LIMIT = 500;
const BATCH = 50;
/** Some wait for the end of a body that does not come. */
const AT_ONCE = 20;
/** By which the process may grow while it serves the cases, after a warm-up with a tenth as many. */
const GROWTH_KB = 48 * 1024;
/** V8 lets garbage pile up while there is room: with little of it, what is resident is what is held. */
const LITTLE_ROOM = { NODE_OPTIONS: '--max-old-space-size=96 --max-semi-space-size=4' };

let target: Target;
let settledKb: number;
beforeAll(async () => {
  target = await Target.start(LITTLE_ROOM);
  const exchanges = fc.sample(badExchange, Math.ceil(casesOf('over sockets') / 10));
  for (const some of inBatches(exchanges, AT_ONCE)) await Promise.all(some.map((sent) => target.ask(sent)));
  const messages = fc.sample(badMessage, Math.ceil(casesOf('through the broker') / 10)).map(identified(1));
  for (const some of inBatches(messages, BATCH)) await target.deliver('request', some);
  settledKb = await target.residentKb();
}, PATIENCE.timeout);
afterAll(() => target.close());

const inBatches = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, place) => all.slice(place * size, (place + 1) * size));

function expectRefused(answer: Answer): void {
  if (answer.headers['content-type']?.startsWith('application/problem+json')) expectProblemAnswer(answer);
  // Some of the odd paths are that of the list, and the caller has nothing. Some are the host's own page.
  else if (answer.status === 200) expect(answer.body).toBeOneOf(['', '{"credentials":[]}']);
  else expect(answer).toMatchObject({ status: expect.toBeOneOf([...HOSTS_OWN, OVER_THE_LIMIT]), body: '' });
}

it('no HTTP request that is not in order gets further than a refusal', PATIENCE, async () => {
  const ask = async (sent: Exchange): Promise<void> => {
    const answer = await target.ask(sent);
    // Only a body that never comes to its announced end may go unanswered.
    if (answer === undefined) expect(sent.lengths).not.toBe('true');
    else expectRefused(answer);
  };
  const several = fc.array(badExchange, { minLength: AT_ONCE, maxLength: AT_ONCE });
  const property = fc.asyncProperty(several, async (exchanges) => {
    await Promise.all(exchanges.map(ask));
    expect(target.upstreamRequests).toBe(0);
  });
  await holds('over sockets', property, AT_ONCE);
});

it('every message that is no request is answered once, and nothing else comes of it', PATIENCE, async () => {
  const ids = identified(2);
  const batches = fc.array(badMessage, { minLength: BATCH, maxLength: BATCH });
  const property = fc.asyncProperty(batches, fc.constantFrom('request', 'retry'), async (messages, queue) => {
    const answers = await target.deliver(queue, messages.map(ids));
    expect(answers).toHaveLength(messages.length);
    for (const { body, subject } of answers) {
      const { rejected: _, ...problem } = body as { rejected: unknown };
      expect(expectProblem(problem)).toBe(subject);
    }
    expect([target.upstreamRequests, target.deadLetters]).toEqual([0, []]);
  });
  await holds('through the broker', property, BATCH);
});

it('the process is the same as before, met no defect, and is hardly larger', async () => {
  expect(target.defects).toEqual([]);
  const growthKb = (await target.residentKb()) - settledKb;
  console.log(`fuzz: the process grew by ${growthKb} kB`);
  expect(growthKb).toBeLessThan(GROWTH_KB);
});
