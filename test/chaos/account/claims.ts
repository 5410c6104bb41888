import * as z from 'zod';
import { credentialAnswerSchema } from '../../../src/vending/answers/credential.ts';
import { requestKeyOf } from '../../../src/vending/model/idempotency.ts';
import type { Asked } from '../changes/change.ts';
import type { LedgerView } from '../evidence.ts';

/** An answer that says that something is done, from whatever transport. */
export interface Claim {
  /** Who got it, for the report. */
  readonly who: string;
  readonly asked: Asked;
  readonly caller: string;
  readonly body: unknown;
}

/** Where the answer and the ledger disagree. */
export function contradictions(claim: Claim, ledger: LedgerView): string[] {
  const { who, asked } = claim;
  const answer = credentialAnswerSchema.safeParse(claim.body);
  if (!answer.success) return [`${who} got an answer that is not of the contract: ${z.prettifyError(answer.error)}`];
  const { id, apiKey, secret, previous, rotation } = answer.data;
  const row = ledger.credentials.get(asked.id);
  if (row === undefined || id !== asked.id) return [`${who} was answered about credential ${id}, not ${asked.id}`];
  const vended = ledger.vendedBy(id, apiKey?.id);
  const isStored = vended !== undefined && vended.secretVersion === secret.version;
  return [
    ...(apiKey === undefined || isStored ? [] : [`${who} was answered with key ${apiKey.id}, which nobody vended so`]),
    ...(secret.name === row.secretName && secret.vaultUrl === row.vaultUrl ? [] : [`${who} got a wrong secret name`]),
    ...(previous === undefined || ledger.vendedBy(id, previous.apiKeyId) !== undefined
      ? []
      : [`${who} was answered with a previous key ${previous.apiKeyId} that nobody vended`]),
    ...contradictionsOf(claim, answer.data, rotation?.apiKeyId, ledger).map((what) => `${who} ${what}`),
  ];
}

function contradictionsOf(
  { asked, caller }: Claim,
  { apiKey, status }: z.infer<typeof credentialAnswerSchema>,
  madeKeyId: string | undefined,
  ledger: LedgerView,
): string[] {
  const row = ledger.credentials.get(asked.id);
  switch (asked.operation) {
    case 'vend':
      return apiKey === undefined ? [`was answered ${status} without a key`] : [];
    case 'rotate': {
      const requestKey = requestKeyOf(caller, asked.key);
      const rotation = ledger.of('rotation').find((each) => each.id === asked.id && each.requestKey === requestKey);
      const attempt = ledger.vendedBy(asked.id, madeKeyId);
      const isRight = attempt?.purpose === 'rotate' && attempt.attempt === rotation?.attempt;
      return isRight ? [] : [`was answered with key ${madeKeyId}, and its rotation made another one`];
    }
    case 'end-overlap': {
      const isNamed = [row?.current?.key.id, row?.previous?.keyId].includes(asked.apiKeyId);
      return isNamed ? [`was answered that the overlap ends, and key ${asked.apiKeyId} is still there`] : [];
    }
    case 'revoke':
      return row?.closed === undefined ? ['was answered revoked, and the ledger says that something is left'] : [];
  }
}
