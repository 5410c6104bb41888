import type { TokenRequest } from '../../../src/sandbox/azure/tokens.ts';
import type { FaultRule } from '../../../src/sandbox/kit/faults.ts';

/** One thing that people really send, and what has to come of it. */
export interface Case {
  readonly name: string;
  /** What is there before the first request. `{id}` and `{key}` in a path or a body stand for it. */
  readonly given?: 'a credential' | 'a rotated credential' | 'an unknown credential';
  readonly faults?: readonly FaultRule[];
  readonly sends: readonly (HttpRequest | QueueMessage)[];
  /** Keys that Confluent made for the requests, those of `given` not counted. */
  readonly minted: number;
  /** Keys that live in Confluent afterwards, those of `given` counted. */
  readonly living: number;
  /** An event that the function logs. */
  readonly logs?: string;
}

export interface HttpRequest {
  readonly http: string;
  /** Beside the token. The same name may come several times. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string | object;
  /** Without `Content-Length`. */
  readonly chunked?: true;
  readonly from?: TokenRequest | 'nobody';
  readonly answer: HttpAnswer;
}

export interface HttpAnswer {
  readonly status: number;
  /** The last word of the problem's type, or the status of the credential. */
  readonly says?: string;
  /** In the text of the problem, or of its errors. */
  readonly words?: RegExp;
  readonly headers?: Readonly<Record<string, RegExp>>;
}

export interface QueueMessage {
  readonly message: Readonly<Record<string, unknown>>;
  readonly body?: string | object;
  readonly bodyBase64?: string;
  /** As an ISO 8601 duration: how long it waits on the retry queue. */
  readonly waits?: string;
  readonly reply: QueueReply;
}

export interface QueueReply {
  readonly subject: string;
  /** The queue that the reply comes to, if that is not the result queue. */
  readonly on?: string;
  readonly correlationId?: string;
  readonly sessionId?: string;
  readonly words?: RegExp;
}
