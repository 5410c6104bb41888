import * as z from 'zod';
import type { Activity } from '../activity/activity.ts';
import type { Controlled } from '../azure/controlled.ts';
import type { EmulatorRequest, EmulatorResponse } from '../kit/http-service.ts';
import { ask, CALLERS } from '../scenarios/ask.ts';
import { SCENARIOS } from '../scenarios/index.ts';
import { pageFile } from './assets.ts';
import { ScenarioRunner } from './scenario-runner.ts';
import { viewState } from './state.ts';
import { EventStream } from './stream.ts';

export interface Console {
  /** Undefined: the request is not for the console. @throws ZodError, SyntaxError for what is no request */
  answer(request: EmulatorRequest): Promise<EmulatorResponse | undefined>;
  close(): void;
}

export interface ConsoleOptions {
  readonly controlled: Controlled;
  readonly activity: Activity;
  /** Kills the function's process, and starts another. */
  restartFunction(): Promise<void>;
}

const functionRequestSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'DELETE']),
  path: z.string().regex(/^\/api\/v1\/[\w/.?=&%-]*$/, 'Give a path below /api/v1/'),
  body: z.unknown().optional(),
  idempotencyKey: z.string().optional(),
  as: z.literal(Object.keys(CALLERS) as (keyof typeof CALLERS)[]),
});

const FILE = /^\/console\/([a-z-]+\.[a-z]+)$/;
const SCENARIO = /^\/console\/scenarios\/([a-z-]+)$/;

/** The page at the root of the control API, and what it needs beside that API. */
export function createConsole({ controlled, activity, restartFunction }: ConsoleOptions): Console {
  const runner = new ScenarioRunner(controlled, () => stream.send('scenario', runner.run()));
  const stream = new EventStream({
    activity,
    hello: () => ({
      scenarios: SCENARIOS.map(({ name, title, look }) => ({ name, title, look })),
      run: runner.run(),
      invocations: activity.invocations(),
      quiet: activity.quiet(),
      lines: activity.lines(),
    }),
    state: () => viewState(controlled),
  });
  const post = async ({ rawPath, body }: EmulatorRequest): Promise<EmulatorResponse | undefined> => {
    if (rawPath === '/console/requests') {
      const asked = functionRequestSchema.parse(JSON.parse(body.toString()));
      // Its process may be killed meanwhile.
      const reply = await ask(controlled, asked).catch(() => undefined);
      return reply === undefined
        ? { status: 502, body: { error: 'The function did not answer. Send the same request again.' } }
        : { status: 200, body: reply };
    }
    if (rawPath === '/console/restart') {
      await restartFunction();
      return { status: 204 };
    }
    const scenario = SCENARIO.exec(rawPath)?.[1];
    return scenario === undefined ? undefined : startAnswer(runner.start(scenario));
  };
  return {
    answer: async (request) => {
      const { method, rawPath, headers } = request;
      if (method === 'POST') return post(request);
      if (method !== 'GET') return undefined;
      if (rawPath === '/') return headers.accept?.includes('text/html') ? pageFile('index.html') : undefined;
      if (rawPath === '/console/openapi.json') return contractOf(controlled);
      if (rawPath === '/console/stream') return { status: 200, headers: STREAM_HEADERS, body: stream.open() };
      const file = FILE.exec(rawPath)?.[1];
      return file === undefined ? undefined : pageFile(file);
    },
    close: () => stream.close(),
  };
}

const STREAM_HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };

/** The page may ask nobody but this server, so the function's document comes by way of it. */
async function contractOf({ functionUrl }: Controlled): Promise<EmulatorResponse> {
  const url = functionUrl();
  const answer = url === undefined ? undefined : await fetch(`${url}/api/v1/openapi.json`).catch(() => undefined);
  return answer?.ok === true
    ? { status: 200, body: z.record(z.string(), z.unknown()).parse(await answer.json()) }
    : { status: 502, body: { error: 'The function did not answer.' } };
}

function startAnswer(started: 'started' | 'unknown' | 'busy'): EmulatorResponse {
  switch (started) {
    case 'started':
      return { status: 202 };
    case 'unknown':
      return { status: 404, body: { error: 'There is no such scenario.' } };
    case 'busy':
      return { status: 409, body: { error: 'A scenario runs already. Wait until it ends.' } };
  }
}
