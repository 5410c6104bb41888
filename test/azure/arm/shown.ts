import { inspect } from 'node:util';

/** Everything that a value shows of itself to a log, however deep. */
export const shown = (value: unknown): string =>
  `${inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true })}\n${JSON.stringify(value)}`;
