import type { VendResult } from '../../src/vending/answers/result.ts';
import { VAULT_URL } from '../../src/vending/model/vault-url.ts';
import { TAG_INTENT, TAG_KEY } from '../../src/vending/secret/tags.ts';
import { describe } from './app.ts';
import type { Context } from './context.ts';
import { lookUpVersion, type VersionLook } from './vault.ts';
import { askForKey, resultOf } from './vend.ts';

/** That what was answered is there, and stays the same however often it is asked. */
export async function verifyVended(context: Context, vended: VendResult): Promise<void> {
  await verifyReplay(context, vended);
  await verifyStatus(context, vended);
  await verifyReference(context, vended);
}

async function verifyReplay(context: Context, vended: VendResult): Promise<void> {
  const { report } = context;
  const answer = await askForKey(context);
  const replay = resultOf(answer);
  const marked = answer.kind === 'answered' && answer.headers.get('idempotency-replayed') === 'true';
  const same = replay?.secret.id === vended.secret.id && replay.apiKey.id === vended.apiKey.id;
  report.found('replay gives the same reference', same && marked ? 'yes' : `no: ${describe(answer)}`);
  if (same && marked) report.ok('replay: same reference', 'marked as replayed');
  else if (replay === undefined) report.failed('replay: same reference', describe(answer));
  else report.failed('replay: same reference', `key ${replay.apiKey.id}, ${replay.secret.id}, marked: ${marked}`);
}

async function verifyStatus({ app, report }: Context, vended: VendResult): Promise<void> {
  const answer = await app.get(`/v1/api-keys/${vended.requestId}`);
  if (resultOf(answer)?.secret.id === vended.secret.id) report.ok('request can be read', 'vended');
  else report.failed('request can be read', describe(answer));
}

async function verifyReference(context: Context, vended: VendResult): Promise<void> {
  const { report } = context;
  const look = await lookUp(context, vended);
  report.found(
    'secret’s version in the vault',
    look.kind === 'unreadable' ? `not looked at: ${look.reason}` : look.kind,
  );
  switch (look.kind) {
    case 'unreadable':
      return report.skipped('reference exists', `you may not read the vault’s metadata: ${look.reason}`);
    case 'absent':
      return report.failed('reference exists', `${vended.secret.id} is not there`);
    case 'found': {
      const faults = [
        ...(look.enabled ? [] : ['disabled']),
        ...(look.tags[TAG_INTENT] === vended.requestId ? [] : [`tag ${TAG_INTENT}`]),
        ...(look.tags[TAG_KEY] === vended.apiKey.id ? [] : [`tag ${TAG_KEY}`]),
        ...(isSameTime(look.expiresOn, vended.secret.expiresOn) ? [] : ['expiry']),
      ];
      if (faults.length === 0) report.ok('reference exists', `enabled, tagged, expires ${look.expiresOn ?? 'never'}`);
      else report.failed('reference exists', `not as it should be: ${faults.join(', ')}`);
    }
  }
}

/** Key Vault keeps whole seconds. */
function isSameTime(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Math.abs(Date.parse(one) - Date.parse(other)) < 1000;
}

/** After the revocation. */
export async function verifyDisabled(context: Context, vended: VendResult): Promise<void> {
  const look = await lookUp(context, vended);
  if (look.kind === 'unreadable') context.report.skipped('secret is disabled', look.reason);
  else if (look.kind === 'found' && look.enabled) context.report.failed('secret is disabled', 'it is still enabled');
  else context.report.ok('secret is disabled', look.kind === 'absent' ? 'it is gone' : 'its version is');
}

/** The caller's token goes to Key Vault alone, whatever the app answers. */
async function lookUp({ vault }: Context, { secret }: VendResult): Promise<VersionLook> {
  if (VAULT_URL.test(secret.vaultUrl)) return lookUpVersion(vault, secret);
  return { kind: 'unreadable', reason: 'its URL is no Key Vault’s' };
}
