import * as z from 'zod';
import { armAnswersSchema } from '../arm/answers.ts';
import { localSettings } from '../azure/app-settings.ts';
import type { Controlled } from '../azure/controlled.ts';
import { issueToken, tokenRequestSchema } from '../azure/tokens.ts';
import { WORLD } from '../azure/world.ts';
import type { Console } from '../console/console.ts';
import { type EmulatorRequest, type EmulatorResponse, type RunningService, serveControl } from '../kit/http-service.ts';
import { advanceRequestSchema, viewClock } from './clock.ts';
import { describeSandbox } from './description.ts';
import { completeEvent, customEventSchema, subscriptionRequestSchema } from './event-grid.ts';
import { faultRequestSchema } from './fault-request.ts';
import { foreignRequest } from './own-origin.ts';
import { messageRequestSchema } from './schemas.ts';

type Handler = (controlled: Controlled, request: EmulatorRequest, name: string) => Promise<EmulatorResponse>;

const ok = (body: unknown): EmulatorResponse => ({ status: 200, body });
const refused = (status: number, detail: string): EmulatorResponse => ({ status, body: { error: detail } });

const ROUTES: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  [
    'POST',
    /^\/tokens$/,
    async ({ azure }, { body }) => ok(await issueToken(azure.issuer, read(tokenRequestSchema, body))),
  ],
  ['GET', /^\/settings$/, async ({ azure }) => ok(localSettings(azure.appSettings))],
  ['GET', /^\/arm\/requests$/, async ({ azure }) => ok(azure.arm.requests())],
  ['GET', /^\/arm\/keys$/, async ({ azure }) => ok(azure.arm.keys())],
  ['GET', /^\/arm\/answers$/, async ({ azure }) => ok(azure.arm.answers())],
  ['PUT', /^\/arm\/answers$/, setArmAnswers],
  ['GET', /^\/vault\/secrets\/([0-9A-Za-z-]+)$/, readSecret],
  ['GET', /^\/ledger$/, readLedger],
  ['GET', /^\/queues\/([^/]+)$/, readQueue],
  ['POST', /^\/queues\/([^/]+)$/, enqueue],
  ['GET', /^\/clock$/, async ({ azure }) => ok(viewClock(azure.clock))],
  ['POST', /^\/clock$/, advanceClock],
  ['GET', /^\/events$/, async ({ azure }) => ok(azure.eventGrid.published())],
  ['GET', /^\/eventgrid$/, async ({ azure }) => ok({ subscriptions: azure.eventGrid.subscriptions() })],
  ['POST', /^\/eventgrid\/subscriptions$/, subscribe],
  ['DELETE', /^\/eventgrid\/subscriptions\/([0-9A-Za-z-]+)$/, unsubscribe],
  ['POST', /^\/eventgrid\/events$/, publishEvent],
  ['POST', /^\/faults$/, addFault],
  ['DELETE', /^\/faults$/, clearFaults],
  ['GET', /^\/logs$/, async ({ logs }) => ok(logs())],
];

/** The API that steers the sandbox and looks behind its services. It shows secrets: loopback only, never for real ones. */
export async function startControl(
  controlled: Controlled,
  port: number,
  page?: Pick<Console, 'answer'>,
): Promise<RunningService> {
  const service = await serveControl(port, async (request) => {
    const foreign = foreignRequest(request);
    if (foreign !== undefined) return refused(403, foreign);
    const shown = page && (await explained(() => page.answer(request)));
    if (shown !== undefined) return shown;
    if (request.method === 'GET' && request.rawPath === '/') {
      return ok(describeSandbox(controlled, `http://127.0.0.1:${service.port}`));
    }
    return dispatch(controlled, request);
  });
  return service;
}

async function dispatch(controlled: Controlled, request: EmulatorRequest): Promise<EmulatorResponse> {
  for (const [method, path, handler] of ROUTES) {
    const match = method === request.method ? path.exec(request.rawPath) : null;
    if (match === null) continue;
    return explained(() => handler(controlled, request, decodeURIComponent(match[1] ?? '')));
  }
  return refused(404, `There is no ${request.method} ${request.rawPath}; the README lists what there is.`);
}

/** A mistake in a request becomes an answer that says so. */
async function explained<T>(answer: () => Promise<T>): Promise<T | EmulatorResponse> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof z.ZodError) return refused(400, z.prettifyError(error));
    if (error instanceof SyntaxError || error instanceof URIError) return refused(400, error.message);
    throw error;
  }
}

async function readSecret({ azure }: Controlled, { query }: EmulatorRequest, name: string): Promise<EmulatorResponse> {
  const vault = query.get('vault') ?? WORLD.vaults[0];
  const versions = azure.vault.secrets(vault, name);
  const current = azure.vault.current(vault, name);
  if (versions === undefined || current === undefined) {
    return refused(404, `The vault ${vault} has no secret ${name}.`);
  }
  return ok({ versions, current: current.version, versionless: current.versionless });
}

async function readLedger({ azure }: Controlled): Promise<EmulatorResponse> {
  const tableMissing = (error: { statusCode?: number }): [] => {
    if (error.statusCode !== 404) throw error;
    return [];
  };
  return ok(await azure.tables.rows(WORLD.ledgerTable).catch(tableMissing));
}

async function readQueue({ azure }: Controlled, _: EmulatorRequest, name: string): Promise<EmulatorResponse> {
  const view = azure.broker.view(name);
  return view === undefined ? refused(404, `There is no queue ${name}.`) : ok(view);
}

async function enqueue({ azure }: Controlled, { body }: EmulatorRequest, name: string): Promise<EmulatorResponse> {
  const result = azure.broker.enqueue(name, read(messageRequestSchema, body));
  if (result === 'no-such-queue') return refused(404, `There is no queue ${name}.`);
  return { status: 201, body: { result } };
}

async function advanceClock({ azure }: Controlled, { body }: EmulatorRequest): Promise<EmulatorResponse> {
  await azure.clock.advance(read(advanceRequestSchema, body).advance);
  return ok(viewClock(azure.clock));
}

async function subscribe({ azure }: Controlled, { body }: EmulatorRequest): Promise<EmulatorResponse> {
  const result = await azure.eventGrid.subscribe(read(subscriptionRequestSchema, body));
  return result.kind === 'refused' ? refused(400, result.why) : { status: 201, body: result.view };
}

async function unsubscribe({ azure }: Controlled, _: EmulatorRequest, name: string): Promise<EmulatorResponse> {
  return azure.eventGrid.unsubscribe(name) ? { status: 204 } : refused(404, `There is no event subscription ${name}.`);
}

async function publishEvent({ azure }: Controlled, { body }: EmulatorRequest): Promise<EmulatorResponse> {
  const event = completeEvent(read(customEventSchema, body), azure);
  azure.eventGrid.publishCustom(event);
  return { status: 201, body: event };
}

async function setArmAnswers({ azure }: Controlled, { body }: EmulatorRequest): Promise<EmulatorResponse> {
  azure.arm.setAnswers(read(armAnswersSchema, body));
  return ok(azure.arm.answers());
}

async function addFault({ azure }: Controlled, { body }: EmulatorRequest): Promise<EmulatorResponse> {
  const rule = read(faultRequestSchema, body);
  azure.faults.add(rule);
  return { status: 201, body: rule };
}

async function clearFaults({ azure }: Controlled): Promise<EmulatorResponse> {
  azure.faults.clear();
  return { status: 204 };
}

const read = <T>(schema: z.ZodType<T>, body: Buffer): T =>
  schema.parse(JSON.parse(body.length === 0 ? '{}' : body.toString('utf8')));
