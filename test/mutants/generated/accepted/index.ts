import type { Accepted } from './accepted.ts';
import { ACCEPTED_IN_AZURE } from './azure.ts';
import { ACCEPTED_IN_COMMANDS } from './commands.ts';
import { ACCEPTED_IN_CONFIG } from './config.ts';
import { ACCEPTED_IN_FUNCTIONS } from './functions.ts';
import { ACCEPTED_IN_REVIEW } from './review.ts';
import { ACCEPTED_TEXTS } from './texts.ts';
import { ACCEPTED_IN_VENDING } from './vending.ts';

export const ACCEPTED: readonly Accepted[] = [
  ...ACCEPTED_IN_CONFIG,
  ...ACCEPTED_IN_AZURE,
  ...ACCEPTED_TEXTS,
  ...ACCEPTED_IN_FUNCTIONS,
  ...ACCEPTED_IN_VENDING,
  ...ACCEPTED_IN_COMMANDS,
  ...ACCEPTED_IN_REVIEW,
];
