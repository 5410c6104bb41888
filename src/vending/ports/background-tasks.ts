/**
 * Runs work that the answer does not wait for and that may be left undone: a process that ends takes it along. Returns at
 * once. What the work throws is dropped.
 */
export type BackgroundTasks = (work: () => Promise<void>) => void;
