import type { HttpHandler } from '@azure/functions';
import { VERSION } from '../../vending/model/version.ts';
import type { Clock } from '../../vending/ports/runtime.ts';
import { inTime } from '../in-time.ts';
import { jsonResponse } from './responses.ts';

/** One thing that must answer before a key can be vended. */
export interface ReadinessCheck {
  readonly name: 'token' | 'vault' | 'ledger';
  passes(): Promise<boolean>;
}

/** Anonymous callers must not be able to make the function work: one round of checks serves this long. */
const CACHE_MS = 10_000;
/** An identity endpoint that fails takes 16 s to refuse a token, and one that hangs never answers. */
const CHECK_TIMEOUT_MS = 5_000;

export const live: HttpHandler = async () => jsonResponse(200, { status: 'live' });

/** `ready`, or 503 with the kinds of service that do not answer; never the name of a resource. */
export function ready(checks: readonly ReadinessCheck[], clock: Pick<Clock, 'now'>): HttpHandler {
  let cached: { readonly at: number; readonly failing: Promise<readonly string[]> } | undefined;
  return async () => {
    if (cached === undefined || clock.now() - cached.at >= CACHE_MS) {
      cached = { at: clock.now(), failing: failingOf(checks) };
    }
    const failing = await cached.failing;
    return failing.length === 0
      ? jsonResponse(200, { status: 'ready', version: VERSION })
      : jsonResponse(503, { status: 'not-ready', version: VERSION, failing });
  };
}

async function failingOf(checks: readonly ReadinessCheck[]): Promise<readonly string[]> {
  const passed = await Promise.all(checks.map(passesInTime));
  return checks.filter((_, index) => !passed[index]).map(({ name }) => name);
}

const passesInTime = ({ passes }: ReadinessCheck): Promise<boolean> => inTime(CHECK_TIMEOUT_MS, passes(), false);
