import * as z from 'zod';
import { type Answer, describe, patiently } from './app.ts';
import type { Context } from './context.ts';
import { meaningOf, meaningOfParts } from './meanings.ts';

/** A cold start takes some seconds, readiness up to 15 (it is cached for 10). */
const START_MS = 60_000;

const readySchema = z.object({ status: z.literal('not-ready'), failing: z.array(z.string()) });
const openApiSchema = z.object({
  openapi: z.string(),
  info: z.object({ version: z.string() }),
  paths: z.looseObject({}),
});

/** @returns whether a key may be asked for. */
export async function checkReadiness(context: Context): Promise<boolean> {
  const { report } = context;
  const live = await settled(context, '/health/live');
  if (!is200(live)) {
    report.failed('live', describe(live), meaningOf(live, context.caller));
    return false;
  }
  report.ok('live', `200 in ${live.ms} ms`);
  const ready = await settled(context, '/health/ready');
  const failing = ready.kind === 'answered' ? readySchema.safeParse(ready.json).data?.failing : undefined;
  report.found('health/ready', is200(ready) ? 'ready' : `not ready: ${failing?.join(', ') ?? describe(ready)}`);
  if (is200(ready)) report.ok('ready', `200 in ${ready.ms} ms`);
  else if (failing === undefined) report.failed('ready', describe(ready), meaningOf(ready, context.caller));
  else report.failed('ready', `these do not answer: ${failing.join(', ')}`, meaningOfParts(failing));
  return is200(ready);
}

const settled = ({ app, patienceMs, interruption }: Context, path: string): Promise<Answer> =>
  patiently(() => app.anonymous('GET', path), Math.min(START_MS, patienceMs), interruption);

type Is200 = Extract<Answer, { kind: 'answered' }>;
const is200 = (answer: Answer): answer is Is200 => answer.kind === 'answered' && answer.status === 200;

/** What needs no token. */
export async function checkStrangers(context: Context): Promise<void> {
  await checkContract(context);
  await checkStranger(context);
}

async function checkContract({ app, report }: Context): Promise<void> {
  const answer = await app.anonymous('GET', '/v1/openapi.json');
  const document = is200(answer) ? openApiSchema.safeParse(answer.json).data : undefined;
  report.found('openapi.json', document === undefined ? 'not served' : `${document.openapi}, ${document.info.version}`);
  if (document === undefined) report.failed('contract served', describe(answer));
  else report.ok('contract served', `OpenAPI ${document.openapi}, ${Object.keys(document.paths).length} paths`);
}

/** An app that does not check tokens mints for anybody. */
async function checkStranger({ app, report }: Context): Promise<void> {
  const answer = await app.anonymous('POST', '/v1/credentials');
  const refused = answer.kind === 'answered' && answer.status === 401;
  if (refused) report.ok('no token, no key', '401');
  else report.failed('no token, no key', `expected 401, got ${describe(answer)}`);
}
