import { expect, it, vi } from 'vitest';
import { agreeing } from './endpoint.ts';
import { asked, secretEvent, useEventGrid, viewOf } from './rig.ts';

const rig = useEventGrid(150);

it('an answer is not waited for for ever, and what came late comes again', async () => {
  const agree = agreeing();
  let late = true;
  rig.endpoint.answer = (request) => {
    if (request.method === 'OPTIONS' || !late) return agree(request);
    late = false;
    return { status: 200, delayMs: 1_000 };
  };
  await rig.grid.subscribe(asked({ destination: { url: rig.endpoint.url } }));
  rig.grid.publishSecretEvent(secretEvent('Expired', 1));
  await vi.waitFor(() => expect(viewOf(rig).delivered).toHaveLength(1), { timeout: 20_000 });
  expect(viewOf(rig).failed[0]).toMatchObject({ reason: 'timed-out', attempts: 1 });
  const [first, second] = rig.endpoint.notifications();
  expect(second?.text).toBe(first?.text);
});
