import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { BrowserRig, findBrowser, startWatched, type View } from './rig.ts';

export interface InBrowser {
  readonly sandbox: Sandbox;
  /** A new page with the console in it. */
  open(view?: View): Promise<Page>;
  /** Vends by the page's button. */
  vend(page: Page): Promise<void>;
}

/** Tests of the console in a browser. Without one they are skipped, with a word. A page that complains fails its test. */
export function inBrowser(title: string, tests: (rig: InBrowser) => void): void {
  const found = findBrowser();
  if (found === undefined) console.log(`${title}: not tested, for there is no Chromium by $CHROMIUM or on the PATH.`);
  describe.skipIf(found === undefined)(title, () => {
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
    tests({
      get sandbox() {
        return sandbox;
      },
      open: (view) => browser.open(sandbox.controlUrl, view),
      vend: async (page) => {
        await page.getByRole('button', { name: 'Vend a key', exact: true }).first().click();
        await page.locator('#vend .answer', { hasText: '201' }).waitFor();
      },
    });
  });
}

/** For what other processes do. */
export const LONG = { timeout: 20_000 };

/** Opens whatever can be opened on the page. */
export const openAll = (page: Page): Promise<void> =>
  page.locator('details').evaluateAll((all: { open: boolean }[]) => {
    for (const details of all) details.open = true;
  });
