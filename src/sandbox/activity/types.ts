/** What the console and the terminal show. These types cross to the browser, so they import nothing that runs. */
export type Trigger =
  | { readonly kind: 'http'; readonly method: string; readonly path: string }
  | { readonly kind: 'queue'; readonly queue: string; readonly messageId?: string | undefined }
  | { readonly kind: 'timer' };

/** One call of an emulated service. */
export interface CallStep {
  readonly kind: 'call';
  readonly id: number;
  readonly service: string;
  readonly operation: string;
  readonly target: string;
  readonly isFault: boolean;
  /** Milliseconds after the invocation began. */
  readonly after: number;
  /** Absent while it runs. */
  readonly end?: { readonly ms: number; readonly outcome: string };
}

/** Something that the function logged while it worked. */
export interface NoteStep {
  readonly kind: 'note';
  readonly id: number;
  readonly level: string;
  readonly text: string;
  readonly credentialId?: string | undefined;
  readonly after: number;
}

export type Step = CallStep | NoteStep;

/** How an invocation ended. `killed`: its process ended first. */
export interface InvocationEnd {
  readonly ms: number;
  /** HTTP status, subject of the answering message, `ok`, `failed` or `killed`. */
  readonly status: string;
  readonly problem?: string | undefined;
}

export interface InvocationHead {
  readonly id: string;
  readonly functionName: string;
  readonly trigger: Trigger;
  /** Milliseconds since the epoch, of real time. */
  readonly at: number;
}

export interface InvocationView extends InvocationHead {
  readonly steps: readonly Step[];
  readonly end?: InvocationEnd | undefined;
}

export interface LogLine {
  readonly id: number;
  /** ISO 8601, of the sandbox's clock. */
  readonly time: string;
  readonly level: string;
  readonly text: string;
}

export type ActivityEvent =
  | { readonly event: 'began'; readonly invocation: InvocationHead }
  | { readonly event: 'step'; readonly invocationId: string; readonly step: Step }
  | { readonly event: 'ended'; readonly invocationId: string; readonly end: InvocationEnd }
  /** How many invocations found nothing to do, so far. They have no other events. */
  | { readonly event: 'quiet'; readonly count: number }
  | { readonly event: 'log'; readonly line: LogLine };
