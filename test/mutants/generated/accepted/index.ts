import type { Accepted } from './accepted.ts';

export const ACCEPTED: readonly Accepted[] = [];
