import type { EmulatedAzure } from './azure.ts';

export interface Controlled {
  readonly azure: EmulatedAzure;
  /** Absent while the function does not run in the sandbox's own host. */
  functionUrl(): string | undefined;
  /** Everything that the function logged, oldest first: parsed where a line is JSON. */
  logs(): readonly unknown[];
}
