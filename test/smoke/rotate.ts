import { type Answer, describe, patiently } from './app.ts';
import type { Context } from './context.ts';
import { type Credential, credentialIn } from './vend.ts';
import { verifyReference } from './verify.ts';

/** Rotates the key once, and checks that the credential stayed the same one. @returns the credential as it is then. */
export async function rotateKey(context: Context, vended: Credential): Promise<Credential | undefined> {
  const { report } = context;
  const answer = await askForRotation(context, vended.id);
  const rotated = credentialIn(answer);
  if (rotated === undefined || answer.kind !== 'answered') {
    report.failed('the key is rotated', describe(answer));
    return undefined;
  }
  report.ok('the key is rotated', `${answer.status} in ${answer.ms} ms, key ${rotated.apiKey.id}`);
  report.found('time to rotate', `${answer.ms} ms`);
  const faults = faultsOf(vended, rotated);
  if (faults.length > 0) report.failed('rotated: same credential', `not as it should be: ${faults.join(', ')}`);
  else report.ok('rotated: same credential', `previous key ${vended.apiKey.id} until ${rotated.previous?.revokeAt}`);
  await verifyRepeated(context, rotated);
  await verifyReference(context, rotated, 'new version exists');
  await verifyReference(context, vended, 'old version still serves');
  return rotated;
}

/** With one idempotency key as well: a repeated request rotates no second time. */
const askForRotation = ({ app, idempotencyKey, patienceMs, interruption }: Context, id: string): Promise<Answer> =>
  patiently(() => app.rotate(id, `${idempotencyKey}-rotation`), patienceMs, interruption);

const faultsOf = (vended: Credential, rotated: Credential): readonly string[] => [
  ...(rotated.id === vended.id ? [] : ['id']),
  ...(rotated.secret.name === vended.secret.name ? [] : ['secret name']),
  ...(rotated.secret.keyVaultReference === vended.secret.keyVaultReference ? [] : ['reference']),
  ...(rotated.secret.version === vended.secret.version ? ['same version'] : []),
  ...(rotated.apiKey.id === vended.apiKey.id ? ['same key'] : []),
  ...(rotated.previous?.apiKeyId === vended.apiKey.id ? [] : ['previous key']),
];

async function verifyRepeated(context: Context, rotated: Credential): Promise<void> {
  const { report } = context;
  const answer = await askForRotation(context, rotated.id);
  const repeated = credentialIn(answer);
  const marked = answer.kind === 'answered' && answer.headers.get('idempotency-replayed') === 'true';
  const same = repeated?.rotation?.apiKeyId === rotated.apiKey.id && repeated.apiKey.id === rotated.apiKey.id;
  if (same && marked) report.ok('rotation repeated: same key', 'marked as replayed');
  else report.failed('rotation repeated: same key', `${describe(answer)}, marked: ${marked}`);
}
