import type { ScenarioEntry, ScenarioRun, ScenarioView } from '../view.ts';
import { call, sentenceOf } from './api.ts';
import { byId, h, show } from './dom.ts';

let scenarios: readonly ScenarioView[] = [];

export function setUpScenarios(all: readonly ScenarioView[]): void {
  scenarios = all;
  byId('scenarios').querySelector('ol')?.remove();
  byId('scenarios').append(
    h(
      'ol',
      { class: 'scenarios' },
      ...all.map(({ name, title, look }) =>
        h(
          'li',
          {},
          h('button', { type: 'button', 'data-scenario': name, click: () => void start(name) }, title),
          h('small', {}, look),
        ),
      ),
    ),
  );
}

async function start(name: string): Promise<void> {
  const answer = await call('POST', `/console/scenarios/${name}`);
  if (answer.status === 202) byId('happens').focus({ preventScroll: false });
  else byId('scenario').replaceChildren(h('p', { class: 'is-bad' }, sentenceOf(answer)));
}

export function showRun(run: ScenarioRun | undefined): void {
  for (const button of byId('scenarios').querySelectorAll('button')) button.disabled = run?.state === 'running';
  if (run === undefined) {
    byId('scenario').replaceChildren();
    return;
  }
  const { title, look } = scenarios.find(({ name }) => name === run.name) ?? { title: run.name, look: '' };
  if (run.entries.length === 0) byId('scenario').replaceChildren(runView(title, look));
  const shown = byId('scenario').querySelector('.scenario') ?? byId('scenario').appendChild(runView(title, look));
  shown.className = `scenario is-${run.state}`;
  const state = shown.querySelector('.state-word');
  if (state !== null) state.textContent = WORDS[run.state];
  const entries = shown.querySelector('.entries');
  if (entries === null) return;
  const last: readonly ScenarioEntry[] = run.error === undefined ? [] : [{ kind: 'error', text: run.error }];
  const numbered = [...run.entries, ...last].map((entry, index) => ({ entry, index }));
  show(
    entries,
    numbered,
    ({ index }) => String(index),
    ({ entry }) => entryOf(entry),
  );
}

const runView = (title: string, look: string): HTMLElement =>
  h(
    'section',
    { class: 'scenario', 'aria-label': title },
    h('h3', {}, title, h('span', { class: 'state-word' })),
    h('p', { class: 'look' }, look),
    h('div', { class: 'entries' }),
    h(
      'button',
      { type: 'button', class: 'quiet', click: () => byId('scenario').replaceChildren() },
      'Close this scenario',
    ),
  );

function entryOf(entry: ScenarioEntry): HTMLElement {
  switch (entry.kind) {
    case 'heading':
      return h('h4', {}, entry.text);
    case 'say':
      return h('p', {}, entry.text);
    case 'error':
      return h('p', { class: 'is-bad' }, entry.text);
    case 'show':
      return h('details', { open: entry.json.length < SHORT }, h('summary', {}, entry.text), h('pre', {}, entry.json));
  }
}

/** Characters that are shown without a click. */
const SHORT = 320;
const WORDS = { running: 'running …', done: 'done', failed: 'did not work' } as const;
