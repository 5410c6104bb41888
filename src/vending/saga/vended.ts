import type { Intent, SecretReference } from '../intent.ts';
import type { KeyRecord } from '../model/key-record.ts';
import type { SagaPorts } from './ports.ts';
import type { Change } from './record.ts';

/** Whether a vended key waits for its rotation is decided with the record that says vended, its due row first. */
export async function vendedChange(
  { ledger, clock }: SagaPorts,
  { id: intentId, rotateEveryMs }: Intent,
  key: KeyRecord,
  { id, version }: SecretReference,
): Promise<Change | undefined> {
  const state = { kind: 'vended', key, secret: { id, version } } as const;
  if (rotateEveryMs === undefined) return { state };
  const rotateAt = clock.now() + rotateEveryMs;
  const noted = await ledger.noteDue({ intentId, at: new Date(rotateAt) });
  return noted.kind === 'noted' ? { state: { ...state, rotateAt }, dueAt: rotateAt } : undefined;
}
