import { expect, it } from 'vitest';
import { LIFE_SCENES } from './life-scenes.ts';
import { OPERATOR_SCENES } from './operator-scenes.ts';
import { VEND_SCENES } from './vend-scenes.ts';
import { answerText, WatchedWorld } from './watched-world.ts';

/*
 * Alerts, queries, dashboards, auditors and subscribers go by these lines. A change of one shows in records.txt, for a reviewer to read.
 */
it('what others read of everything that happens is as it was', async () => {
  const parts: string[] = [];
  for (const [title, scene] of Object.entries({ ...VEND_SCENES, ...LIFE_SCENES, ...OPERATOR_SCENES })) {
    const world = new WatchedWorld();
    const answer = await scene(world);
    await world.settled();
    parts.push([`# ${title}`, answerText(answer), ...world.records(), ''].join('\n'));
  }
  await expect(parts.join('\n')).toMatchFileSnapshot('records.txt');
});
