import type { InvocationReport } from '../host/invocation-reports.ts';
import type { Call, CallEnd, Traffic } from '../kit/traffic.ts';
import { readLogLine } from './log-line.ts';
import type { ActivityEvent, InvocationEnd, InvocationHead, InvocationView, LogLine, Step } from './types.ts';

/** Invocations, steps of each, and lines that are remembered for those who look later. */
const MAX_INVOCATIONS = 60;
const MAX_STEPS = 200;
const MAX_LINES = 300;

interface Running {
  readonly head: InvocationHead;
  readonly traceparent: string;
  steps: Step[];
  end: InvocationEnd | undefined;
  /** False: so far it has only looked. Nobody hears of it. */
  isShown: boolean;
}

/** What the function does, as it happens: invocations, the calls that each makes, and what it logs. */
export class Activity {
  readonly #now: () => number;
  readonly #listeners = new Set<(event: ActivityEvent) => void>();
  readonly #invocations = new Map<string, Running>();
  readonly #byTrace = new Map<string, Running>();
  readonly #callers = new Map<number, Running>();
  #lines: LogLine[] = [];
  #quiet = 0;
  #ids = 0;

  /** `now`: of the sandbox's clock. */
  constructor(traffic: Traffic, now: () => number) {
    this.#now = now;
    traffic.listen({ onBegin: (call) => this.#callBegan(call), onEnd: (end) => this.#callEnded(end) });
  }

  listen(listener: (event: ActivityEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The latest, oldest first. */
  invocations(): readonly InvocationView[] {
    return [...this.#invocations.values()]
      .filter(({ isShown }) => isShown)
      .map(({ head, steps, end }) => ({ ...head, steps, end }));
  }

  /** How many found nothing to do. */
  quiet(): number {
    return this.#quiet;
  }

  lines(): readonly LogLine[] {
    return this.#lines;
  }

  onInvocation(report: InvocationReport): void {
    if (report.report === 'began') this.#begin(report);
    else this.#end(report);
  }

  onLog(raw: string): void {
    const { time, level, text, invocationId, credentialId, isOwn } = readLogLine(raw, this.#now);
    const line = { id: this.#nextId(), time, level, text };
    this.#lines = [...this.#lines.slice(1 - MAX_LINES), line];
    this.#tell({ event: 'log', line });
    const running = isOwn ? this.#invocations.get(invocationId ?? '') : undefined;
    if (running === undefined) return;
    this.#addStep(running, {
      ...{ kind: 'note', id: this.#nextId(), level, text, credentialId },
      after: Date.now() - running.head.at,
    });
  }

  /** The process is gone, and what ran in it will never end. */
  onProcessEnd(): void {
    for (const running of this.#invocations.values()) {
      if (running.end === undefined) this.#finish(running, { status: 'killed', ms: Date.now() - running.head.at });
    }
  }

  #begin(report: Extract<InvocationReport, { report: 'began' }>): void {
    const { id, functionName, trigger, at, traceparent } = report;
    const head = { id, functionName, trigger, at };
    const isShown = trigger.kind === 'http' || (trigger.kind === 'queue' && functionName !== EVENT_FUNCTION);
    const running: Running = { head, traceparent, steps: [], end: undefined, isShown };
    this.#invocations.set(id, running);
    this.#byTrace.set(traceparent, running);
    const [oldest] = this.#invocations.values();
    if (this.#invocations.size > MAX_INVOCATIONS && oldest !== undefined) this.#forget(oldest);
    if (isShown) this.#tell({ event: 'began', invocation: head });
  }

  #end({ id, ms, succeeded, status, problem }: Extract<InvocationReport, { report: 'ended' }>): void {
    const running = this.#invocations.get(id);
    if (running === undefined) return;
    const answered = status === undefined ? subjectOf(running) : String(status);
    this.#finish(running, { ms, problem, status: succeeded ? (answered ?? 'ok') : 'failed' });
  }

  #finish(running: Running, end: InvocationEnd): void {
    running.end = end;
    if (!running.isShown && end.status === 'ok') {
      this.#forget(running);
      this.#quiet++;
      this.#tell({ event: 'quiet', count: this.#quiet });
      return;
    }
    this.#show(running);
    this.#tell({ event: 'ended', invocationId: running.head.id, end });
  }

  #forget({ head, traceparent }: Running): void {
    this.#invocations.delete(head.id);
    this.#byTrace.delete(traceparent);
  }

  #show(running: Running): void {
    if (running.isShown) return;
    running.isShown = true;
    this.#tell({ event: 'began', invocation: running.head });
    for (const step of running.steps) this.#tell({ event: 'step', invocationId: running.head.id, step });
  }

  #callBegan(call: Call): void {
    const running = call.traceparent === undefined ? undefined : this.#byTrace.get(call.traceparent);
    if (running !== undefined) this.#addCall(running, call);
    else if (call.service === 'bus') this.#unclaimed.set(call.id, call);
  }

  /** The bus's client sends no `traceparent`. Its answers say which message they answer. */
  readonly #unclaimed = new Map<number, Call>();

  #addCall(running: Running, { id, service, operation, target, isFault, at }: Call): void {
    this.#callers.set(id, running);
    this.#addStep(running, { kind: 'call', id, service, operation, target, isFault, after: at - running.head.at });
  }

  #callEnded({ id, ms, outcome, messages }: CallEnd): void {
    const unclaimed = this.#unclaimed.get(id);
    this.#unclaimed.delete(id);
    if (unclaimed !== undefined) {
      const running = this.#answererOf(messages.map(({ correlationId }) => correlationId));
      const subject = messages.find((message) => message.subject !== undefined)?.subject;
      const operation = subject === undefined ? unclaimed.operation : `${unclaimed.operation} ${subject}`;
      if (running !== undefined) this.#addCall(running, { ...unclaimed, operation });
    }
    const running = this.#callers.get(id);
    this.#callers.delete(id);
    const step = running?.steps.find((each) => each.kind === 'call' && each.id === id);
    if (running === undefined || step?.kind !== 'call') return;
    const ended: Step = { ...step, end: { ms, outcome } };
    running.steps = running.steps.map((each) => (each === step ? ended : each));
    if (running.isShown) this.#tell({ event: 'step', invocationId: running.head.id, step: ended });
  }

  #answererOf(correlationIds: readonly (string | undefined)[]): Running | undefined {
    return [...this.#invocations.values()].findLast(
      ({ end, head: { trigger } }) =>
        end === undefined &&
        trigger.kind === 'queue' &&
        trigger.messageId !== undefined &&
        correlationIds.includes(trigger.messageId),
    );
  }

  #addStep(running: Running, step: Step): void {
    if (running.steps.length >= MAX_STEPS) return;
    if (isEffect(step)) this.#show(running);
    running.steps = [...running.steps, step];
    if (running.isShown) this.#tell({ event: 'step', invocationId: running.head.id, step });
  }

  #nextId(): number {
    this.#ids++;
    return this.#ids;
  }

  #tell(event: ActivityEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** The reconciler looks each second, and each new secret makes an event. Only what acts is worth a look. */
const EVENT_FUNCTION = 'events';

const isEffect = (step: Step): boolean =>
  step.kind === 'call' &&
  (step.service === 'arm' || (step.service === 'table' && !['query', 'get'].includes(step.operation)));

/** What the last answer to the message said, such as `vended`. */
function subjectOf({ steps }: Running): string | undefined {
  const answer = steps.findLast((step) => step.kind === 'call' && step.operation.startsWith('send '));
  return answer?.kind === 'call' ? answer.operation.slice('send '.length) : undefined;
}
