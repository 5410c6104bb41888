import type { FaultEffect } from '../../kit/faults.ts';

export interface ExchangeSteps {
  /** Takes effect and returns how to answer. */
  act(): () => void;
  refuse(condition: string): void;
  /** Cuts the connection. */
  cut(): void;
}

/** One exchange with a client, bent by the fault that it must suffer, if any. */
export function exchange(fault: FaultEffect | undefined, steps: ExchangeSteps): void {
  if (fault?.delayMs !== undefined) {
    const { delayMs, ...rest } = fault;
    setTimeout(exchange, delayMs, rest, steps).unref();
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
