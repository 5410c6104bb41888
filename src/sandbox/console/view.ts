import type { InvocationView, LogLine } from '../activity/types.ts';

/** What the server sends to the page. These types cross to the browser, so they import nothing that runs. */

export interface CredentialView {
  readonly id: string;
  readonly status: string;
  readonly name: string;
  readonly caller: string;
  readonly cluster: string;
  readonly vault: string;
  readonly secretName: string;
  /** Dates are ISO 8601. */
  readonly createdAt: string;
  readonly keyId?: string | undefined;
  readonly expiresOn?: string | undefined;
  readonly rotateAt?: string | undefined;
  readonly previous?: { readonly keyId: string; readonly revokeAt: string } | undefined;
  /** The attempt under way. `marker`: by which its key is found in Confluent. */
  readonly work?: { readonly purpose: string; readonly phase: string; readonly marker: string } | undefined;
  readonly problem?: string | undefined;
}

export interface KeyView {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly cluster: string;
  readonly deleted: boolean;
}

/** Without its values. */
export interface SecretView {
  readonly vault: string;
  readonly name: string;
  readonly versions: readonly {
    readonly version: string;
    readonly enabled: boolean;
    readonly expiresOn: string | null;
    readonly length: number;
    readonly keyId: string | undefined;
  }[];
}

export interface MessageSummaryView {
  readonly id: number;
  readonly messageId: string | undefined;
  readonly subject: string | undefined;
  readonly state: string;
  readonly deliveryCount: number;
  readonly deadLetterReason?: string | undefined;
  /** JSON, shortened. */
  readonly body: string;
}

export interface QueueView {
  readonly name: string;
  readonly messages: number;
  readonly deadLetters: number;
  readonly latest: readonly MessageSummaryView[];
  readonly latestDead: readonly MessageSummaryView[];
}

export interface EventView {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly subject: string;
}

/** The latest of each kind, newest first, with the number of all. */
export interface StateView {
  readonly now: string;
  readonly aheadSeconds: number;
  readonly functionUrl: string | undefined;
  readonly credentials: {
    readonly total: number;
    readonly byStatus: Readonly<Record<string, number>>;
    readonly latest: readonly CredentialView[];
  };
  readonly keys: { readonly alive: number; readonly deleted: number; readonly latest: readonly KeyView[] };
  readonly secrets: { readonly total: number; readonly latest: readonly SecretView[] };
  readonly queues: readonly QueueView[];
  readonly events: { readonly total: number; readonly latest: readonly EventView[] };
  readonly faults: readonly string[];
}

export type ScenarioEntry =
  | { readonly kind: 'heading' | 'say' | 'error'; readonly text: string }
  | { readonly kind: 'show'; readonly text: string; readonly json: string };

export interface ScenarioView {
  readonly name: string;
  readonly title: string;
  readonly look: string;
}

export interface ScenarioRun {
  readonly name: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly entries: readonly ScenarioEntry[];
  readonly error?: string | undefined;
}

/** The first message of the stream. */
export interface Hello {
  readonly scenarios: readonly ScenarioView[];
  readonly run: ScenarioRun | undefined;
  readonly invocations: readonly InvocationView[];
  /** How many found nothing to do. */
  readonly quiet: number;
  readonly lines: readonly LogLine[];
}
