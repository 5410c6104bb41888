/**
 * Does what the answer need not wait for, and what may be left undone: it runs beside the answer, and a process that
 * ends takes it along. Resolves at once; the work must not throw.
 */
export type Afterwards = (work: () => Promise<void>) => Promise<void>;
