import type { UpstreamTrace } from '../model/upstream.ts';

/** One structured log record. There is no field for free text from outside, so no upstream answer can get into it. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly credentialId?: string;
  readonly attempt?: number;
  readonly caller?: string;
  readonly state?: string;
  readonly marker?: string;
  readonly apiKeyId?: string;
  readonly problem?: string;
  /** The id of an event that came in, if it looks like one. */
  readonly eventId?: string;
  readonly eventType?: string;
  /** Why a request was denied, in our words. */
  readonly reason?: string;
  readonly transport?: 'http' | 'queue' | 'event';
  /** The target of a denied request, once it is known to be well formed. */
  readonly target?: Readonly<Record<string, string>>;
  readonly counts?: Readonly<Record<string, number>>;
  /** Stack frames of a defect, without its message. */
  readonly stack?: string;
  readonly upstream?: UpstreamTrace;
}

export type Log = (entry: LogEntry) => void;
