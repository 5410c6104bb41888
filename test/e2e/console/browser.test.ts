import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { stageOf } from '../../../src/sandbox/sandbox.ts';
import { runLeakDemo } from '../../../src/sandbox/scenarios/leak.ts';
import { shapesOf } from '../../leaks/shapes.ts';
import { contrastsOf } from './contrast.ts';
import { BrowserRig, findBrowser, recordStream, startWatched } from './rig.ts';

const found = findBrowser();
if (found === undefined)
  console.log('The console is not tested: there is no Chromium here, by $CHROMIUM or on the PATH.');

const LONG = { timeout: 20_000 };

const openAll = (page: Page): Promise<void> =>
  page.locator('details').evaluateAll((all: { open: boolean }[]) => {
    for (const details of all) details.open = true;
  });

/** Parts that are wider than their place. It runs in the browser. */
const overflowsOf = (all: readonly { className: string; scrollWidth: number; clientWidth: number }[]): string[] =>
  all.flatMap(({ className, scrollWidth, clientWidth }) =>
    scrollWidth > clientWidth ? [`${className}: ${scrollWidth} in ${clientWidth}`] : [],
  );

describe.skipIf(found === undefined)('the console in a browser', () => {
  let sandbox: Sandbox;
  let browser: BrowserRig;
  beforeAll(async () => {
    [sandbox, browser] = await Promise.all([startWatched(), BrowserRig.launch(found ?? '')]);
  });
  afterAll(async () => {
    await browser.close();
    await sandbox.close();
  });
  afterEach(() => {
    sandbox.azure.faults.clear();
    expect(browser.complaints.splice(0)).toEqual([]);
  });

  const vend = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Vend a key', exact: true }).first().click();
    await page.locator('#vend .answer', { hasText: '201' }).waitFor();
  };

  it('offers the first vend to the keyboard, and shows every call that it makes', async () => {
    const page = await browser.open(sandbox.controlUrl);
    await page.getByText('Nothing has happened yet').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    // The skip link, three moves of the clock, and the button.
    for (let presses = 0; presses < 3; presses++) await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('id')).toBe('vend-button');
    await page.keyboard.press('Enter');
    await page.locator('#vend .answer', { hasText: 'Vended.' }).waitFor();
    const card = page.locator('.card', { hasText: 'POST /api/v1/credentials' });
    await expect.poll(() => card.locator('.result').innerText()).toBe('201');
    const steps = await card.locator('.sequence .arrow .operation').allInnerTexts();
    expect(steps).toEqual(expect.arrayContaining(['commit', 'create API key', 'store secret']));
    expect(steps.indexOf('create API key')).toBeGreaterThan(steps.indexOf('commit'));
    // The first vend may also find out by a secret of its own whether the vault can be written.
    expect(steps.lastIndexOf('store secret')).toBeGreaterThan(steps.indexOf('create API key'));
    await page.locator('#panel .badge', { hasText: 'vended' }).waitFor();
    await page.close();
  });

  it('repeats a request, rotates, ends the overlap and revokes, by its buttons', async () => {
    const page = await browser.open(sandbox.controlUrl);
    await vend(page);
    await page.getByRole('button', { name: 'Send the same request again' }).click();
    await page.locator('#vend .answer', { hasText: 'the same credential' }).waitFor();
    const newest = page.locator('#panel .row-card').first();
    for (const [action, shown] of [
      ['Rotate', 'previous key'],
      ['End the overlap', 'vended'],
      ['Revoke', 'revoked'],
    ] as const) {
      await newest.getByRole('button', { name: action }).click();
      await page.locator('dialog .is-good').waitFor();
      await page.keyboard.press('Enter');
      await newest.getByText(shown).first().waitFor();
    }
    await page.close();
  });

  it('shows a lost connection, and resolves what it leaves unknown', async () => {
    const page = await browser.open(sandbox.controlUrl);
    await page.getByLabel('Fault').selectOption({ label: 'Cut the connection after the mint' });
    await page.getByRole('button', { name: 'Arm' }).click();
    await page.locator('#armed', { hasText: 'Cut the connection after the mint' }).waitFor();
    await page.getByRole('button', { name: 'Vend a key', exact: true }).first().click();
    await page.locator('#vend .answer', { hasText: 'No answer proved whether a key was minted' }).waitFor();
    await page.locator('.arrow.is-bad', { hasText: 'no answer' }).waitFor();
    await page.getByRole('button', { name: 'Move the clock +10 min' }).click();
    await page.getByText('10 min ahead').waitFor();
    const newest = page.locator('#panel .row-card').first();
    await newest.getByRole('button', { name: 'Resolve' }).click();
    await page.locator('dialog .is-good').waitFor();
    await page.keyboard.press('Escape');
    await newest.locator('.badge', { hasText: 'failed' }).waitFor();
    await page.close();
  });

  it('goes on when the function is killed in the middle of a request, and started again', async () => {
    const page = await browser.open(sandbox.controlUrl);
    sandbox.azure.faults.add({ service: 'arm', operation: 'createApiKey', times: 1, fault: { delayMs: 3_000 } });
    await page.getByRole('button', { name: 'Vend a key', exact: true }).first().click();
    await page.locator('.arrow.is-running', { hasText: 'create API key' }).waitFor();
    await page.getByRole('button', { name: /^Kill the function/ }).click();
    await page.locator('#vend .answer', { hasText: 'The function did not answer' }).waitFor();
    await page.locator('.card .result', { hasText: 'killed' }).waitFor();
    await page.getByText('The function runs again.').waitFor();
    await vend(page);
    await page.close();
  });

  it('plays a story', async () => {
    const page = await browser.open(sandbox.controlUrl);
    await page.locator('[data-story=repeat]').click();
    await page.locator('.story.is-done', { hasText: 'Alive in Confluent' }).waitFor();
    expect(await page.locator(':focus').getAttribute('id')).toBe('happens');
    await page.close();
  });

  it.each(['light', 'dark'] as const)('is legible in the %s scheme', async (scheme) => {
    const page = await browser.open(sandbox.controlUrl, { scheme });
    await vend(page);
    await page.locator('.sequence .arrow').first().waitFor();
    const pale = (await page.locator('body *').evaluateAll(contrastsOf)).filter(({ contrast }) => contrast < 4.5);
    expect(pale).toEqual([]);
    await page.close();
  });

  it.each([360, 800, 1280])('has no sideways scrolling on %d pixels, with everything open', async (width) => {
    const page = await browser.open(sandbox.controlUrl, { width });
    await vend(page);
    const { broker } = sandbox.azure;
    broker.enqueue('vend-requests', { messageId: `long-${'x'.repeat(90)}-${width}`, body: 'y'.repeat(300) });
    await page.locator('.card .result', { hasText: 'malformed-request' }).first().waitFor();
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await openAll(page);
      expect(await page.locator('html, .try, .happens, .state').evaluateAll(overflowsOf)).toEqual([]);
    }
    await page.close();
  });

  it('reveals a secret when asked, and hides it again', async () => {
    const page = await browser.open(sandbox.controlUrl);
    await vend(page);
    await page.getByRole('tab', { name: 'Secrets' }).click();
    const secrets = sandbox.azure.arm.keys().map(({ secret }) => secret);
    const texts = (): Promise<string[]> => page.locator('code.secret').allInnerTexts();
    await page.locator('.row-card', { hasText: 'ck-' }).first().getByRole('button', { name: 'Reveal' }).click();
    await expect.poll(async () => (await texts()).some((text) => secrets.includes(text)), LONG).toBe(true);
    await expect.poll(async () => (await texts()).every((text) => /^•+$/.test(text)), LONG).toBe(true);
    await page.close();
  });

  it('holds no secret of dozens of vends, in the page or in its stream', async () => {
    const page = await browser.open(sandbox.controlUrl);
    const stream = await recordStream(sandbox.controlUrl);
    await runLeakDemo({ ...stageOf(sandbox), narrator: { heading: () => {}, show: () => {}, say: () => {} } });
    let shown = '';
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await openAll(page);
      await page.waitForTimeout(200);
      shown += await page.content();
    }
    stream.stop();
    const secrets = sandbox.azure.arm.keys().map(({ secret }) => secret);
    expect(secrets.length).toBeGreaterThan(40);
    const seen = stream.text() + shown;
    expect(seen).toContain('create API key');
    expect(secrets.filter((secret) => shapesOf(secret).some((shape) => seen.includes(shape)))).toEqual([]);
    await page.close();
  }, 120_000);

  it('stays small and answers at once after 10,000 events', async () => {
    const page = await browser.open(sandbox.controlUrl);
    const { activity, azure } = sandbox;
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
