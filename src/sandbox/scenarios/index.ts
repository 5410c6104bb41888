import { lock, lostConnection, repeat, vaultRefuses, vend } from './failures.ts';
import { runLeakDemo } from './leak.ts';
import { runRotationDemo } from './rotation.ts';
import type { Stage } from './stage.ts';

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** What to look at while it runs. */
  readonly look: string;
  /** @throws Error with a sentence where something does not happen */
  run(stage: Stage): Promise<void>;
}

/** Each takes seconds and can run again and again. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'vend',
    title: 'Vend a key',
    look: 'The ledger is written before Confluent is asked. The secret goes to the vault alone.',
    run: vend,
  },
  {
    name: 'repeat',
    title: 'Repeat a request',
    look: 'Three answers with one id. Only the first request reaches Confluent.',
    run: repeat,
  },
  {
    name: 'lost-connection',
    title: 'Lose the connection after the mint',
    look: 'The credential is “unknown”, and a repeated request mints nothing. An operator finds the key by its marker.',
    run: lostConnection,
  },
  {
    name: 'vault-refuses',
    title: 'The vault refuses the secret',
    look: 'The key that nobody could use is deleted. The same request gets another one later.',
    run: vaultRefuses,
  },
  {
    name: 'rotation',
    title: 'Sixty days with a rotation',
    look: 'The clock moves. Two keys live during the overlap, under one id and one reference.',
    run: runRotationDemo,
  },
  {
    name: 'leak',
    title: 'A leak, and its bulk revocation',
    look: 'Forty keys of three teams. Those of one cluster end by one act, and the others live.',
    run: runLeakDemo,
  },
  {
    name: 'lock',
    title: 'A lock on the organization',
    look: 'The revocation waits as “revoking”, and ends by itself once the lock is lifted.',
    run: lock,
  },
];
