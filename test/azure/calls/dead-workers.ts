import type { SecretToStore } from '../../../src/vending/ports/secret-vault.ts';
import type { Effects } from '../../../src/vending/saga/context.ts';

const killed = async (): Promise<never> => {
  throw new Error('The worker is killed.');
};

/** Effects with which a worker dies at one step. What it did before has happened. */
export const DYING = {
  'before the POST': ({ confluent }: Effects) => ({
    confluent: {
      ...confluent,
      openMintConnection: () => {
        const { discard } = confluent.openMintConnection();
        return {
          discard,
          mint: () => {
            discard();
            return killed();
          },
        };
      },
    },
  }),
  'before the secret is stored': ({ vault }: Effects) => ({ vault: { ...vault, store: killed } }),
  'before "vended" is recorded': ({ ledger }: Effects) => {
    let commits = 0;
    const commit: typeof ledger.commit = (changes) => (++commits > 2 ? killed() : ledger.commit(changes));
    return { ledger: { ...ledger, commit } };
  },
  'before it deletes the key of a refused secret': ({ vault, confluent }: Effects) => ({
    vault: { ...vault, store: async () => ({ kind: 'refused', reason: 'denied', upstream: { service: 'vault' } }) },
    confluent: { ...confluent, getKey: killed, deleteKey: killed },
  }),
} as const satisfies Readonly<Record<string, (effects: Effects) => Partial<Effects>>>;

/** A worker that dies with its write to the vault under way, and how that write lands later. */
export function withLateWrite({ vault }: Effects): { readonly effects: Partial<Effects>; land(): Promise<unknown> } {
  let written: SecretToStore | undefined;
  const store: typeof vault.store = (secret) => {
    written = secret;
    return killed();
  };
  return {
    effects: { vault: { ...vault, store } },
    land: async () => written && vault.store(written, 10_000),
  };
}
