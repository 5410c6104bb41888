import type { TokenCredential } from '@azure/identity';
import type { App } from './app.ts';
import type { Caller } from './credentials.ts';
import type { Report } from './report.ts';

/** Every step of a run needs it. */
export interface Context {
  readonly app: App;
  readonly report: Report;
  readonly vault: TokenCredential;
  readonly caller: Caller;
  /** The body of the request for a key. */
  readonly request: Readonly<Record<string, string>>;
  /** Fresh for every run. */
  readonly idempotencyKey: string;
  /** Computed from that key and the caller as the app does it. It leads back from a POST without an answer. */
  readonly credentialId: string;
  readonly patienceMs: number;
  /** Ctrl-C: checks end, what was vended is revoked all the same. */
  readonly interruption: AbortSignal;
}
