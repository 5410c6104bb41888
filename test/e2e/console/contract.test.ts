import { expect, it } from 'vitest';
import { HEALTH_ROUTES, ROUTES } from '../../../src/functions/routes.ts';
import { contrastsOf } from './contrast.ts';
import { inBrowser, openAll } from './in-browser.ts';

inBrowser('the page of the HTTP contract', (rig) => {
  it.each([
    ['light', 1280],
    ['dark', 360],
  ] as const)('shows every operation, legibly, in the %s scheme on %d pixels', async (scheme, width) => {
    const page = await rig.open({ scheme, width });
    await page.getByRole('link', { name: 'HTTP contract' }).click();
    await page.locator('#vendKey').waitFor();
    const shown = await page.locator('.operation').evaluateAll((all) => all.map(({ id }) => id));
    expect(new Set(shown)).toEqual(new Set([...HEALTH_ROUTES, ...ROUTES].map(({ name }) => name)));
    const vend = page.locator('#vendKey');
    expect(await vend.innerText()).toContain('POST');
    await vend.locator('summary', { hasText: '201' }).click();
    await vend.getByText('keyVaultReference').first().waitFor({ state: 'attached' });
    await openAll(page);
    const body = page.locator('body');
    expect(await body.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    const pale = (await page.locator('body *').evaluateAll(contrastsOf)).filter(({ contrast }) => contrast < 4.5);
    expect(pale).toEqual([]);
    await page.close();
  });
});
