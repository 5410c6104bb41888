import * as z from 'zod';
import { createClock, type SandboxClock } from '../clock/clock.ts';

const FAULT_SERVICES = ['arm', 'vault', 'table', 'identity', 'entra', 'bus', 'eventgrid'] as const;
export type FaultService = (typeof FAULT_SERVICES)[number];

/** What goes wrong. One rule may combine a delay with another effect. */
const faultEffectSchema = z.strictObject({
  /** Answer with this status instead of acting. */
  status: z.int().min(100).max(599).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
  /** Act, and answer with this status and no body. */
  answerStatus: z.int().min(200).max(599).optional(),
  /** Wait before doing anything else. */
  delayMs: z.int().min(0).max(600_000).optional(),
  /** `before`: cut the connection without acting. `after`: act, then cut the connection instead of answering. */
  drop: z.enum(['before', 'after']).optional(),
  /** Cut the connection at once, and act this much later by the sandbox's clock: long after the caller has given up. */
  holdMs: z.int().min(0).max(600_000).optional(),
  /** Act, then send only half of the answer's body (with its full Content-Length) and cut the connection. */
  truncate: z.boolean().optional(),
  /** ARM createApiKey: mint, but answer with this secret. */
  secret: z.string().optional(),
  /** ARM createApiKey: mint with this owner. */
  owner: z.record(z.string(), z.string()).optional(),
  /** ARM createApiKey: act, then answer with this body (200) instead of the record. */
  answer: z.unknown().optional(),
  /** bus: refuse with this AMQP condition, for example `com.microsoft:server-busy`. */
  condition: z.string().optional(),
  /** eventgrid deliver: deliver, and then once more. */
  duplicate: z.boolean().optional(),
  /** eventgrid emit: NBF and EXP in this form. */
  timestamps: z.enum(['number', 'string']).optional(),
});
export type FaultEffect = z.infer<typeof faultEffectSchema>;

export const faultRuleSchema = z.strictObject({
  service: z.enum(FAULT_SERVICES),
  /** Absent: every operation of the service. */
  operation: z.string().optional(),
  /** How many calls it hits; absent: until cleared. */
  times: z.int().min(1).optional(),
  /** How many matching calls pass unharmed first. */
  after: z.int().min(0).optional(),
  fault: faultEffectSchema,
});
export type FaultRule = z.infer<typeof faultRuleSchema>;

interface ArmedRule {
  readonly rule: FaultRule;
  toSkip: number;
  left: number;
}

/** The armed faults. They are tried in the order in which they were added. The first that applies is used up. */
export class FaultPlan {
  readonly #clock: Pick<SandboxClock, 'now' | 'at'>;
  #armed: ArmedRule[] = [];
  #held = 0;

  constructor(clock: Pick<SandboxClock, 'now' | 'at'> = createClock()) {
    this.#clock = clock;
  }

  /** Effects that have not landed yet. Clearing the faults does not call them back. */
  get held(): number {
    return this.#held;
  }

  /** Acts so much later. A move of the clock waits until what it makes land has landed. */
  hold(ms: number, act: () => Promise<unknown>): Promise<void> {
    const { now, at } = this.#clock;
    this.#held++;
    return new Promise((resolve, reject) => {
      at(now() + ms, async () => {
        await act().then(() => resolve(), reject);
        this.#held--;
      });
    });
  }

  /** Returns how to take it away again. */
  add(rule: FaultRule): () => void {
    const armed = { rule, toSkip: rule.after ?? 0, left: rule.times ?? Number.POSITIVE_INFINITY };
    this.#armed.push(armed);
    return () => {
      this.#armed = this.#armed.filter((other) => other !== armed);
    };
  }

  /** Those that can still strike. */
  armed(): readonly FaultRule[] {
    return this.#armed.filter(({ left }) => left > 0).map(({ rule }) => rule);
  }

  clear(): void {
    this.#armed = [];
  }

  /** The effect that this call must suffer, if any. Counts the call. */
  take(service: FaultService, operation: string): FaultEffect | undefined {
    for (const armed of this.#armed) {
      const { rule } = armed;
      if (armed.left === 0 || rule.service !== service || (rule.operation ?? operation) !== operation) continue;
      if (armed.toSkip > 0) {
        armed.toSkip--;
        continue;
      }
      armed.left--;
      return rule.fault;
    }
    return undefined;
  }
}
