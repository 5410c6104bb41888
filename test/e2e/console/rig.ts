import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** `$CHROMIUM`, or what the path has. */
export function findBrowser(): string | undefined {
  const { CHROMIUM, PATH = '' } = process.env;
  const candidates = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...(CHROMIUM === undefined ? [] : [CHROMIUM]), ...candidates].find((path) => existsSync(path));
}

/** Keys vended while the page is searched for their secrets. `VENDS=10000` takes minutes. */
export const VENDS = Number(process.env.VENDS ?? 60);
/** What ARM and Confluent allow is enough for dozens. */
const UNLIMITED = {
  rateLimits: { writes: { capacity: VENDS * 2, refillPerSecond: 0 } },
  keysPerCluster: Number.POSITIVE_INFINITY,
};

/** A sandbox as `npm start` runs it, without its demo. */
export const startWatched = (): Promise<Sandbox> =>
  startSandbox({
    ...{ port: 0, controlPort: 0, withFunction: true, watch: true },
    settings: { RECONCILE_SCHEDULE: '* * * * * *' },
    azure: VENDS > 100 ? { armLimits: UNLIMITED } : {},
  });

export interface View {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
}

/** Browser and pages, with whatever the page complained about. */
export class BrowserRig {
  readonly #browser: Browser;
  readonly complaints: string[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(executablePath: string): Promise<BrowserRig> {
    return new BrowserRig(await chromium.launch({ executablePath, args: ['--no-sandbox'] }));
  }

  async open(url: string, { width = 1280, scheme = 'light' }: View = {}): Promise<Page> {
    const page = await this.#browser.newPage({ viewport: { width, height: 800 }, colorScheme: scheme });
    page.setDefaultTimeout(20_000);
    page.on('pageerror', ({ message }) => this.complaints.push(message));
    page.on('console', (message) => {
      // A refusal that the page shows in words is also an error to the browser's log.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        this.complaints.push(message.text());
    });
    await page.goto(url);
    await page.locator('.health.is-good').waitFor();
    return page;
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}

/** All bytes of the page's event stream, from now on. */
export async function recordStream(controlUrl: string): Promise<{ text(): string; stop(): void }> {
  const abort = new AbortController();
  const response = await fetch(`${controlUrl}/console/stream`, { signal: abort.signal });
  let text = '';
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
  })().catch(() => undefined);
  return { text: () => text, stop: () => abort.abort() };
}
