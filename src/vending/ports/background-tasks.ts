/**
 * Runs work that the answer does not wait for and that may be left undone: a process that ends takes it along. Returns at
 * once. A failure of the work is dropped.
 */
export type BackgroundTasks = (work: () => Promise<void>) => void;
