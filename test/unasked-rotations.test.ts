import { expect, it, vi } from 'vitest';
import { createRotationRequests } from '../src/functions/queue/retry-messages.ts';
import { executeCommand } from '../src/vending/commands/command.ts';
import { failed } from '../src/vending/commands/outcome.ts';
import { PROBLEM_TYPES, type ProblemType, problemOf } from '../src/vending/model/problems.ts';
import { FakeMessenger, only, QUEUES, serviceWithCredential } from './functions/queue/service.ts';
import { HOUR, rowIn } from './vending/world/steps.ts';

vi.mock('../src/vending/commands/command.ts', { spy: true });

/** Whether operators see that a rotation failed for good which nobody asked for. */
async function isReported(type: ProblemType): Promise<boolean> {
  const { service, id, keyId } = await serviceWithCredential();
  const messenger = new FakeMessenger();
  const { request } = createRotationRequests(messenger, QUEUES.retryQueue);
  const attempt = rowIn(service.world, id).current?.attempt ?? 0;
  await request({ credentialId: id, attempt, replaces: keyId, etag: 'row', notBefore: new Date(service.world.now) });
  vi.mocked(executeCommand).mockImplementation(async () => failed(problemOf(type, 'For the test.', HOUR), id));
  let sent = await service.retryInTime(only(messenger.sent));
  for (let tries = 0; sent.length > 0 && tries < 100; tries++) sent = await service.retryInTime(only(sent));
  vi.mocked(executeCommand).mockRestore();
  expect(sent).toEqual([]);
  return service.errors.join().includes('unasked-change-failed');
}

it('a rotation that nobody asked for and that fails is reported, whatever the problem, where it is still to be done', async () => {
  const silent: ProblemType[] = [];
  for (const type of PROBLEM_TYPES) if (!(await isReported(type))) silent.push(type);
  expect(new Set(silent)).toEqual(new Set(['rotation-too-soon', 'already-rotated', 'revoked', 'not-found']));
});
