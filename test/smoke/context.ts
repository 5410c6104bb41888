import type { TokenCredential } from '@azure/identity';
import type { App } from './app.ts';
import type { Report } from './report.ts';

/** What every step of a run needs. */
export interface Context {
  readonly app: App;
  readonly report: Report;
  readonly vault: TokenCredential;
  /** The body of the request for a key. */
  readonly request: Readonly<Record<string, string>>;
  /** Fresh for every run. */
  readonly idempotencyKey: string;
  /** Of that key and this caller, computed as the app does it: there is a way back even from a POST without answer. */
  readonly requestId: string;
  readonly patienceMs: number;
  /** Ctrl-C: checks end, what was vended is revoked all the same. */
  readonly interruption: AbortSignal;
}
