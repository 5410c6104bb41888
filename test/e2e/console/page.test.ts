import { expect, it } from 'vitest';
import { stageOf } from '../../../src/sandbox/sandbox.ts';
import { runLeakDemo } from '../../../src/sandbox/scenarios/leak.ts';
import { shapesOf } from '../../leaks/shapes.ts';
import { contrastsOf } from './contrast.ts';
import { inBrowser, openAll } from './in-browser.ts';
import { recordStream } from './rig.ts';

/** Parts that are wider than their place. It runs in the browser. */
const overflowsOf = (all: readonly { className: string; scrollWidth: number; clientWidth: number }[]): string[] =>
  all.flatMap(({ className, scrollWidth, clientWidth }) =>
    scrollWidth > clientWidth ? [`${className}: ${scrollWidth} in ${clientWidth}`] : [],
  );

inBrowser('the page of the console', (rig) => {
  it.each(['light', 'dark'] as const)('is legible in the %s scheme', async (scheme) => {
    const page = await rig.open({ scheme });
    await rig.vend(page);
    await page.locator('.sequence .arrow').first().waitFor();
    const pale = (await page.locator('body *').evaluateAll(contrastsOf)).filter(({ contrast }) => contrast < 4.5);
    expect(pale).toEqual([]);
    await page.close();
  });

  it.each([360, 800, 1280])('has no sideways scrolling on %d pixels, with everything open', async (width) => {
    const page = await rig.open({ width });
    await rig.vend(page);
    const { broker } = rig.sandbox.azure;
    broker.enqueue('vend-requests', { messageId: `long-${'x'.repeat(90)}-${width}`, body: 'y'.repeat(300) });
    await page.locator('.card .result', { hasText: 'malformed-request' }).first().waitFor();
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await openAll(page);
      expect(await page.locator('html, .try, .happens, .state').evaluateAll(overflowsOf)).toEqual([]);
    }
    await page.close();
  });

  it('holds no secret of dozens of vends, in the page or in its stream', async () => {
    const page = await rig.open();
    const stream = await recordStream(rig.sandbox.controlUrl);
    await runLeakDemo({ ...stageOf(rig.sandbox), narrator: { heading: () => {}, show: () => {}, say: () => {} } });
    let shown = '';
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await openAll(page);
      await page.waitForTimeout(200);
      shown += await page.content();
    }
    stream.stop();
    const secrets = rig.sandbox.azure.arm.keys().map(({ secret }) => secret);
    expect(secrets.length).toBeGreaterThan(40);
    const seen = stream.text() + shown;
    expect(stream.text()).toContain('createApiKey');
    expect(secrets.filter((secret) => shapesOf(secret).some((shape) => seen.includes(shape)))).toEqual([]);
    await page.close();
  }, 120_000);

  it('stays small and answers at once after 10,000 events', async () => {
    const page = await rig.open();
    const { activity, azure } = rig.sandbox;
    for (let number = 0; number < 2_000; number++) {
      const id = `made-up-${number}`;
      const trigger = { kind: 'http', method: 'POST', path: '/api/v1/credentials' } as const;
      const traceparent = `00-${id}`;
      activity?.onInvocation({ report: 'began', id, functionName: 'vendKey', traceparent, trigger, at: Date.now() });
      const call = {
        service: 'arm',
        operation: 'createApiKey',
        target: 'POST /',
        traceparent,
        isFault: false,
      } as const;
      azure.traffic.begin(call)?.('200');
      activity?.onLog(`line ${number}`);
      activity?.onInvocation({ report: 'ended', id, ms: 1, succeeded: true, status: 201 });
      if (number % 100 === 0) await page.waitForTimeout(1);
    }
    await page.getByRole('tab', { name: 'Log' }).click();
    await page.getByText('line 1999').waitFor();
    expect(await page.locator('*').count()).toBeLessThan(3_000);
    const startedAt = performance.now();
    await page.getByRole('tab', { name: 'Keys' }).click();
    await page.locator('#panel', { hasText: 'alive' }).waitFor();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await page.close();
  });
});
