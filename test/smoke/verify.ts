import { isSameAttempt } from '../../src/vending/model/credential.ts';
import { readMarker } from '../../src/vending/model/idempotency.ts';
import { VAULT_URL } from '../../src/vending/model/resources.ts';
import { readTags } from '../../src/vending/secret/naming.ts';
import { describe } from './app.ts';
import type { Context } from './context.ts';
import { lookUpVersion, type VersionLook } from './vault.ts';
import { askForKey, type Credential, credentialIn } from './vend.ts';

/** That what was answered is there, and stays the same however often it is asked. */
export async function verifyVended(context: Context, vended: Credential, location: string | null): Promise<void> {
  await verifyReplay(context, vended);
  await verifyStatus(context, vended, location);
  await verifyReference(context, vended, 'reference exists');
}

async function verifyReplay(context: Context, vended: Credential): Promise<void> {
  const { report } = context;
  const answer = await askForKey(context);
  const replay = credentialIn(answer);
  const marked = answer.kind === 'answered' && answer.headers.get('idempotency-replayed') === 'true';
  const same = replay?.secret.id === vended.secret.id && replay.apiKey.id === vended.apiKey.id;
  report.found('replay gives the same reference', same && marked ? 'yes' : `no: ${describe(answer)}`);
  if (same && marked) report.ok('replay: same reference', 'marked as replayed');
  else if (replay === undefined) report.failed('replay: same reference', describe(answer));
  else report.failed('replay: same reference', `key ${replay.apiKey.id}, ${replay.secret.id}, marked: ${marked}`);
}

/** The `Location` is relative to the request, so that it survives the prefix of a gateway. */
async function verifyStatus({ app, report }: Context, vended: Credential, location: string | null): Promise<void> {
  const path = app.pathOf(location);
  if (path === undefined) return report.failed('credential can be read', 'its Location leads elsewhere');
  const answer = await app.get(path);
  const read = credentialIn(answer);
  if (read?.id === vended.id && read.secret.id === vended.secret.id) report.ok('credential can be read', 'vended');
  else report.failed('credential can be read', describe(answer));
}

/** The version that the answer names, by its metadata alone. */
export async function verifyReference(context: Context, credential: Credential, check: string): Promise<void> {
  const { report } = context;
  const look = await lookUp(context, credential);
  report.found(`in the vault: ${check}`, look.kind === 'unreadable' ? `not looked at: ${look.reason}` : look.kind);
  switch (look.kind) {
    case 'unreadable':
      return report.skipped(check, `you may not read the vault’s metadata: ${look.reason}`);
    case 'absent':
      return report.failed(check, `${credential.secret.id} is not there`);
    case 'found': {
      const faults = [
        ...(look.enabled ? [] : ['disabled']),
        ...faultsInTags(look.tags, credential),
        ...(isSameTime(look.expiresOn, credential.secret.expiresOn) ? [] : ['expiry']),
      ];
      if (faults.length === 0) report.ok(check, `enabled, tagged, expires ${look.expiresOn ?? 'never'}`);
      else report.failed(check, `not as it should be: ${faults.join(', ')}`);
    }
  }
}

/** The tags name the credential, the key, and the same attempt as the last word of the key's description. */
function faultsInTags(tags: Readonly<Record<string, string>>, { id, apiKey }: Credential): readonly string[] {
  const tagged = readTags(tags);
  if (tagged === undefined) return ['tags'];
  const marked = readMarker(apiKey.spec.description);
  return [
    ...(tagged.id === id ? [] : ['tag vend-id']),
    ...(tagged.keyId === apiKey.id ? [] : ['tag vend-key']),
    ...(marked !== undefined && marked.id === id && isSameAttempt(marked, tagged) ? [] : ['marker']),
  ];
}

/** Key Vault keeps whole seconds. */
function isSameTime(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Math.abs(Date.parse(one) - Date.parse(other)) < 1000;
}

/** After the revocation: no version of the credential serves. */
export async function verifyDisabled(context: Context, versions: readonly Credential[]): Promise<void> {
  const { report } = context;
  for (const credential of versions) {
    const look = await lookUp(context, credential);
    if (look.kind === 'unreadable') return report.skipped('secrets are disabled', look.reason);
    if (look.kind === 'found' && look.enabled)
      return report.failed('secrets are disabled', `${credential.secret.id} is still enabled`);
  }
  report.ok('secrets are disabled', versions.length === 1 ? 'its version is' : 'both versions are');
}

/** The caller's token goes to Key Vault alone, whatever the app answers. */
async function lookUp({ vault }: Context, { secret }: Credential): Promise<VersionLook> {
  if (VAULT_URL.test(secret.vaultUrl)) return lookUpVersion(vault, secret);
  return { kind: 'unreadable', reason: 'its URL is no Key Vault’s' };
}
