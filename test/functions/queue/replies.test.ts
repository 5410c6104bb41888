import { expect, it } from 'vitest';
import type { Envelope } from '../../../src/functions/queue/delayed-copy.ts';
import { answerTo } from '../../../src/functions/queue/replies.ts';
import { failedWith } from '../../../src/vending/saga/outcome.ts';

const envelope = (reference: string): Envelope => ({
  origin: 'sender',
  caller: 'queue:vend-requests',
  roles: [],
  key: { kind: 'key', key: 'k' },
  copies: 0,
  attempts: 0,
  reference,
});

it('failures answered to one message share an id, so that its sender sees the first alone', () => {
  const intent = (attempt: number) => ({ id: 'a'.repeat(26), attempt });
  const failed = answerTo(envelope('m-1'), failedWith(intent(1), { type: 'key-unusable', detail: '' }));
  const later = answerTo(envelope('m-1'), failedWith(intent(2), { type: 'outcome-unknown', detail: '' }));
  const other = answerTo(envelope('m-2'), failedWith(intent(2), { type: 'outcome-unknown', detail: '' }));
  expect(later.messageId).toBe(failed.messageId);
  expect(other.messageId).not.toBe(failed.messageId);
});
