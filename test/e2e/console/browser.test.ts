import { expect, it } from 'vitest';
import { inBrowser, LONG } from './in-browser.ts';

inBrowser('the console in a browser', (rig) => {
  it('offers the first vend to the keyboard, and shows every call that it makes', async () => {
    const page = await rig.open();
    await page.getByText('Nothing has happened yet').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    // The skip link, the contract, three moves of the clock, and the button.
    for (let presses = 0; presses < 4; presses++) await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('id')).toBe('vend-button');
    await page.keyboard.press('Enter');
    await page.locator('#vend .answer', { hasText: 'Vended.' }).waitFor();
    const card = page.locator('.card', { hasText: 'POST /api/v1/credentials' });
    await expect.poll(() => card.locator('.result').innerText(), LONG).toBe('201');
    const steps = await card.locator('.sequence .arrow .operation').allInnerTexts();
    expect(steps).toEqual(expect.arrayContaining(['commit', 'create API key', 'store secret']));
    expect(steps.indexOf('create API key')).toBeGreaterThan(steps.indexOf('commit'));
    // The first vend may also find out by a secret of its own whether the vault can be written.
    expect(steps.lastIndexOf('store secret')).toBeGreaterThan(steps.indexOf('create API key'));
    await page.locator('#panel .badge', { hasText: 'vended' }).waitFor();
    await page.close();
  });

  it('repeats a request, rotates, ends the overlap and revokes, by its buttons', async () => {
    const page = await rig.open();
    await rig.vend(page);
    await page.getByRole('button', { name: 'Send the same request again' }).click();
    await page.locator('#vend .answer', { hasText: 'the same credential' }).waitFor();
    const { id } = JSON.parse((await page.locator('#vend .answer pre').textContent()) ?? '');
    const own = page.locator('#panel .row-card', { has: page.locator(`[title="${id}"]`) });
    for (const [action, shown] of [
      ['Rotate', 'previous key'],
      ['End the overlap', 'vended'],
      ['Revoke', 'revoked'],
    ] as const) {
      await own.getByRole('button', { name: action }).click();
      await page.locator('dialog .is-good').waitFor();
      await page.keyboard.press('Enter');
      await own.getByText(shown).first().waitFor();
    }
    await page.close();
  });

  it('shows a lost connection, and resolves what it leaves unknown', async () => {
    const page = await rig.open();
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
    const page = await rig.open();
    rig.sandbox.azure.faults.add({ service: 'arm', operation: 'createApiKey', times: 1, fault: { delayMs: 3_000 } });
    await page.getByRole('button', { name: 'Vend a key', exact: true }).first().click();
    await page.locator('.arrow.is-running', { hasText: 'create API key' }).waitFor();
    await page.getByRole('button', { name: /^Kill the function/ }).click();
    await page.locator('#vend .answer', { hasText: 'The function did not answer' }).waitFor();
    await page.locator('.card .result', { hasText: 'killed' }).first().waitFor();
    await page.getByText('The function runs again.').waitFor();
    await rig.vend(page);
    await page.close();
  });

  it('plays a scenario', async () => {
    const page = await rig.open();
    await page.locator('[data-scenario=repeat]').click();
    await page.locator('.scenario.is-done', { hasText: 'Alive in Confluent' }).waitFor();
    expect(await page.locator(':focus').getAttribute('id')).toBe('happens');
    await page.close();
  });

  it('reveals a secret when asked, and hides it again', async () => {
    const page = await rig.open();
    await rig.vend(page);
    await page.getByRole('tab', { name: 'Secrets' }).click();
    const secrets = rig.sandbox.azure.arm.keys().map(({ secret }) => secret);
    const texts = (): Promise<string[]> => page.locator('code.secret').allInnerTexts();
    await page.locator('.row-card', { hasText: 'ck-' }).first().getByRole('button', { name: 'Reveal' }).click();
    await expect.poll(async () => (await texts()).some((text) => secrets.includes(text)), LONG).toBe(true);
    await expect.poll(async () => (await texts()).every((text) => /^•+$/.test(text)), LONG).toBe(true);
    await page.close();
  });
});
