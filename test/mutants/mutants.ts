import { ADAPTER_MUTANTS } from './adapters.ts';
import { ATTEMPT_MUTANTS } from './attempt.ts';
import { COMMAND_MUTANTS } from './commands.ts';
import { INFRA_MUTANTS } from './infra.ts';
import { KEY_MUTANTS } from './keys.ts';
import type { Mutant } from './mutant.ts';
import { RECOVERY_MUTANTS } from './recovery.ts';
import { REVIEW_MUTANTS } from './review.ts';
import { TABLE_MUTANTS } from './table.ts';
import { TRANSPORT_MUTANTS } from './transports.ts';

export const MUTANTS: readonly Mutant[] = [
  ...ATTEMPT_MUTANTS,
  ...KEY_MUTANTS,
  ...TABLE_MUTANTS,
  ...REVIEW_MUTANTS,
  ...COMMAND_MUTANTS,
  ...RECOVERY_MUTANTS,
  ...ADAPTER_MUTANTS,
  ...TRANSPORT_MUTANTS,
  ...INFRA_MUTANTS,
];
