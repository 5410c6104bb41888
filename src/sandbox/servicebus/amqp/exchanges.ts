import type { FaultEffect, FaultPlan } from '../../kit/faults.ts';
import type { EndCall, MessageSummary, Traffic } from '../../kit/traffic.ts';

export interface ExchangeSteps {
  /** Takes effect and returns how to answer. */
  act(): () => void;
  refuse(condition: string): void;
  /** Cuts the connection. */
  cut(): void;
}

/** What an exchange is called in the fault plan. */
export type BusOperation = 'send' | 'receive' | 'settle' | 'schedule' | 'cancel-scheduled' | 'peek' | 'renew-lock';

/** What those who watch learn of an exchange. `messages` is called only if somebody does. */
export interface ExchangeSubject {
  readonly queue: string;
  messages(): readonly MessageSummary[];
}

/** The exchanges of a broker with its clients, bent by the faults that they must suffer. */
export class Exchanges {
  readonly #faults: FaultPlan;
  readonly #traffic: Traffic | undefined;

  constructor(faults: FaultPlan, traffic: Traffic | undefined) {
    this.#faults = faults;
    this.#traffic = traffic;
  }

  /** `subject` is for those who watch; what the broker does by itself has none. */
  run(operation: BusOperation, steps: ExchangeSteps, subject?: ExchangeSubject): void {
    const fault = this.#faults.take('bus', operation);
    const end =
      subject &&
      this.#traffic?.begin({
        ...{ service: 'bus', operation, target: subject.queue, traceparent: undefined },
        isFault: fault !== undefined,
      });
    perform(fault, end === undefined ? steps : observed(steps, (outcome) => end(outcome, subject?.messages())));
  }
}

const observed = (steps: ExchangeSteps, end: EndCall): ExchangeSteps => ({
  act: () => {
    const answer = steps.act();
    return () => {
      answer();
      end('ok');
    };
  },
  refuse: (condition) => {
    steps.refuse(condition);
    end(condition);
  },
  cut: () => {
    steps.cut();
    end('cut');
  },
});

function perform(fault: FaultEffect | undefined, steps: ExchangeSteps): void {
  if (fault?.delayMs !== undefined) {
    const { delayMs, ...rest } = fault;
    setTimeout(perform, delayMs, rest, steps).unref();
  } else if (fault?.drop === 'before') {
    steps.cut();
  } else if (fault?.condition !== undefined) {
    steps.refuse(fault.condition);
  } else {
    const answer = steps.act();
    if (fault?.drop === 'after') steps.cut();
    else answer();
  }
}
