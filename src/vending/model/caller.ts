/** An authenticated caller: `entra:<tenant id>:<object id>`, `queue:<name>`, or `events`. */
export interface Caller {
  readonly id: string;
  /** Entra app roles; empty for a queue. */
  readonly roles: readonly string[];
}
