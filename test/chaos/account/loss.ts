import { WORLD } from '../../../src/sandbox/azure/world.ts';
import type { AuditRecord } from '../../../src/vending/model/audit.ts';
import { readTags } from '../../../src/vending/secret/naming.ts';
import { type LedgerView, type Looked, readLedger } from '../evidence.ts';
import type { LeakSearch } from '../leaks.ts';
import { brokenKeys, type Keys, ownerless, secondPosts } from './keys.ts';

/** The ledger before the loss, and the ids of the credentials whose rows it lost. */
export interface BeforeLoss {
  readonly ledger: LedgerView;
  readonly lost: ReadonlySet<string>;
}

/** What the instances logged. */
interface Heard {
  readonly records: readonly Pick<AuditRecord, 'credentialId' | 'change'>[];
  readonly defects: readonly string[];
  readonly leaks: LeakSearch;
}

/** Keys that the sweep of a recovered row sees alive are no defect here: the recovery lists them. */
const EXPECTED = 'living-key-not-in-ledger';

/** Everything that a recovery should have made right and has not, each in one sentence. */
export async function accountForLoss(azure: Looked, before: BeforeLoss, trail: Heard): Promise<string[]> {
  const ledger = await readLedger(azure);
  const keys: Keys = new Map(azure.arm.keys().map((key) => [key.id, key]));
  const { records, defects, leaks } = trail;
  leaks.look('the ledger', ledger.text);
  return [
    ...unnamedKeys(azure, ledger, keys),
    ...[...ledger.credentials.values()].flatMap((credential) => brokenKeys(azure, credential, keys)),
    ...lostKeys(before, ledger, keys),
    ...secondPosts(azure),
    ...[...before.lost]
      .filter((id) => currentIn(ledger, id) !== undefined && currentIn(ledger, id) === currentIn(before.ledger, id))
      .filter((id) => !records.some((each) => each.credentialId === id && each.change === 'insertRecovered'))
      .map((id) => `credential ${id} came back without a record`),
    ...defects.filter((defect) => !defect.includes(EXPECTED)).map((defect) => `a defect: ${defect.slice(0, 300)}`),
    ...leaks.found([...keys.values()].map(({ secret }) => secret)).map((where) => `a secret is in ${where}`),
  ];
}

/** Id of the current key. */
const currentIn = ({ credentials }: LedgerView, id: string): string | undefined => credentials.get(id)?.current?.key.id;

/** A key whose secret never reached the vault has nothing but its marker. Of every other one a row has to know. */
function unnamedKeys(azure: Looked, { credentials }: LedgerView, keys: Keys): string[] {
  const stored = new Set(
    WORLD.vaults.flatMap((vault) =>
      azure.vault
        .names(vault)
        .flatMap((name) =>
          (azure.vault.secrets(vault, name) ?? []).flatMap(({ enabled, tags }) =>
            enabled ? (readTags(tags)?.keyId ?? []) : [],
          ),
        ),
    ),
  );
  return [...keys.values()]
    .filter(({ id, deleted }) => !deleted && stored.has(id))
    .flatMap((key) => ownerless(key, credentials));
}

/** What was vended is vended, with the same key or a newer one, unless it was being revoked. */
function lostKeys({ ledger, lost }: BeforeLoss, { credentials }: LedgerView, keys: Keys): string[] {
  return [...lost].flatMap((id) => {
    const { current, revocation } = ledger.credentials.get(id) ?? {};
    if (current === undefined || revocation !== undefined) return [];
    const now = credentials.get(id);
    if (now?.revocation !== undefined) return [];
    if (now?.current === undefined) return [`credential ${id} was vended, and did not come back`];
    const isSame = now.current.key.id === current.key.id || now.current.vendedAt >= current.vendedAt - 1_000;
    const isDead = now.current.key.id === current.key.id && keys.get(current.key.id)?.deleted === true;
    return isSame && !isDead ? [] : [`credential ${id} came back with key ${now.current.key.id}`];
  });
}
