import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { inBrowser, LONG } from './in-browser.ts';

/** More than the page has places to stop at. */
const MAX_PRESSES = 150;

/** Tabs on until the wanted part has the focus. @throws Error where the keyboard does not get there */
async function reach(page: Page, wanted: Locator): Promise<void> {
  const isThere = (): Promise<boolean> =>
    wanted.evaluate(
      (element: { ownerDocument: { activeElement: unknown } }) => element === element.ownerDocument.activeElement,
    );
  for (let presses = 0; presses < MAX_PRESSES; presses++) {
    if (await isThere()) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`The keyboard does not reach ${wanted}.`);
}

async function press(page: Page, wanted: Locator): Promise<void> {
  await reach(page, wanted);
  await page.keyboard.press('Enter');
}

inBrowser('the console by keyboard alone', (rig) => {
  it('vends, breaks something, moves the clock, resolves, reveals and plays a scenario', async () => {
    const page = await rig.open();
    const button = (name: string | RegExp): Locator => page.getByRole('button', { name, exact: true }).first();

    await reach(page, page.getByLabel('Fault'));
    await page.keyboard.type('Cut the connection after');
    await press(page, button('Arm'));
    await page.locator('#armed', { hasText: 'Cut the connection after the mint' }).waitFor();

    await press(page, button('Vend a key'));
    await page.locator('#vend .answer', { hasText: 'No answer proved whether a key was minted' }).waitFor();
    await press(page, button(/\+10 min/));
    await page.getByText('10 min ahead').waitFor();
    await press(page, page.locator('#panel .row-card').first().getByRole('button', { name: 'Resolve' }));
    await page.locator('dialog .is-good').waitFor();
    await page.keyboard.press('Escape');

    await press(page, button('Vend a key'));
    await page.locator('#vend .answer', { hasText: 'Vended.' }).waitFor();
    await reach(page, page.getByRole('tab', { selected: true }));
    for (let at = 0; !(await page.getByRole('tab', { name: 'Secrets', selected: true }).isVisible()) && at < 10; at++)
      await page.keyboard.press('ArrowRight');
    const [{ id, secret } = { id: '', secret: '' }] = rig.sandbox.azure.arm.keys().slice(-1);
    // The page looks at the vault every quarter of a second.
    await page.locator('#panel', { hasText: id }).waitFor();
    await press(page, button('Reveal'));
    await expect.poll(() => page.locator('code.secret').first().innerText(), LONG).toBe(secret);

    await press(page, page.locator('[data-scenario=vend]'));
    await page.locator('.scenario.is-done').waitFor();
    await page.close();
  }, 120_000);
});
