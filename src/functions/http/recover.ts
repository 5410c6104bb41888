import type { HttpHandler } from '@azure/functions';
import { recover } from '../../vending/commands/recovery/recover.ts';
import { recoverySchema } from '../../vending/commands/recovery/schema.ts';
import { type Problem, problemOf } from '../../vending/model/problems.ts';
import { noParameters } from './parameters.ts';
import { parseBody, readJsonBody } from './read-body.ts';
import { failureResponse, jsonResponse, problemResponse } from './responses.ts';
import { authenticated, forOperators, type HttpServices, operatorContext } from './route.ts';

export interface RecoveryServices extends HttpServices {
  /** What an instance from before the pause began has ended by then. Milliseconds since the epoch. */
  readonly recoverableAt: number;
}

/** `POST /api/v1/operations/recover`: inserts the rows that the ledger lost. */
export function recoverLedger(services: RecoveryServices): HttpHandler {
  const { gate, settings } = services;
  return authenticated(
    gate,
    noParameters,
    forOperators(services, async (asked) => {
      const body = parseBody(await readJsonBody(asked.http), recoverySchema);
      if (body.kind === 'invalid') return problemResponse(body.problem);
      const recovered = notYet(services) ?? (await recover(operatorContext(services, asked), settings, body.value));
      return recovered.kind === 'page'
        ? jsonResponse(200, recovered.page)
        : failureResponse(asked.context, recovered.problem, { caller: asked.caller });
    }),
  );
}

/** An instance that nobody asks may be taken away, and the next one counts anew. */
const ASK_AGAIN_MS = 60_000;

function notYet({
  settings,
  effects,
  recoverableAt,
}: RecoveryServices): { readonly kind: 'problem'; readonly problem: Problem } | undefined {
  if (settings.mode !== 'paused') return { kind: 'problem', problem: NOT_PAUSED };
  const left = recoverableAt - effects.clock.now();
  if (left <= 0) return undefined;
  const at = new Date(recoverableAt).toISOString();
  const detail = `Work that began before this instance started may still be under way: not before ${at}. Ask at least every minute until then. An instance that nobody asks may be replaced, and the next one waits anew.`;
  return { kind: 'problem', problem: problemOf('not-settled', detail, Math.min(left, ASK_AGAIN_MS)) };
}

const NOT_PAUSED = problemOf(
  'not-paused',
  'Rows are inserted only while nothing new is minted. Set MODE to paused, and ask again.',
);
