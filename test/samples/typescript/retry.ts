import { setTimeout } from 'node:timers/promises';

const MAX_TRIES = 6;
/** Of one try. The service answers within a minute and a half. */
const TIMEOUT_MS = 100_000;
/** Where neither an answer nor its header says when. */
const DEFAULT_WAIT_MS = 2_000;
/** A longer wait, such as for the end of an overlap, is for another day. */
const MAX_WAIT_MS = 120_000;

/**
 * Sends a request until it is answered for good. Each try has the same idempotency key, so no try makes a second key.
 *
 * @throws Error where no try got an answer
 */
export async function fetchPatiently(request: Request): Promise<Response> {
  for (let tries = 1; ; tries++) {
    const isLast = tries === MAX_TRIES;
    try {
      const response = await fetch(request.clone(), { signal: AbortSignal.timeout(TIMEOUT_MS) });
      const waitMs = waitOf(response);
      if (waitMs === undefined || waitMs > MAX_WAIT_MS || isLast) return response;
      await response.body?.cancel();
      await setTimeout(waitMs);
    } catch (error) {
      if (isLast) throw error;
      await setTimeout(DEFAULT_WAIT_MS);
    }
  }
}

/** Milliseconds until the request is worth another try; undefined for a final answer. */
function waitOf({ status, headers }: Response): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? undefined);
  if (seconds > 0) return seconds * 1000;
  // Gateways and the Functions host answer without a problem body.
  const isOfTheService = headers.get('content-type')?.includes('json') ?? false;
  return status >= 500 && !isOfTheService ? DEFAULT_WAIT_MS : undefined;
}
