import type { ScenarioEntry, ScenarioRun, ScenarioView } from '../view.ts';
import { call, sentenceOf } from './api.ts';
import { byId, h, show } from './dom.ts';

let scenarios: readonly ScenarioView[] = [];

export function setUpStories(all: readonly ScenarioView[]): void {
  scenarios = all;
  byId('scenarios').querySelector('ol')?.remove();
  byId('scenarios').append(
    h(
      'ol',
      { class: 'stories' },
      ...all.map(({ name, title, look }) =>
        h(
          'li',
          {},
          h('button', { type: 'button', 'data-story': name, click: () => void start(name) }, title),
          h('small', {}, look),
        ),
      ),
    ),
  );
}

async function start(name: string): Promise<void> {
  const answer = await call('POST', `/console/scenarios/${name}`);
  if (answer.status === 202) byId('happens').focus({ preventScroll: false });
  else byId('story').replaceChildren(h('p', { class: 'is-bad' }, sentenceOf(answer)));
}

export function showRun(run: ScenarioRun | undefined): void {
  for (const button of byId('scenarios').querySelectorAll('button')) button.disabled = run?.state === 'running';
  if (run === undefined) {
    byId('story').replaceChildren();
    return;
  }
  const { title, look } = scenarios.find(({ name }) => name === run.name) ?? { title: run.name, look: '' };
  if (run.entries.length === 0) byId('story').replaceChildren(storyOf(title, look));
  const story = byId('story').querySelector('.story') ?? byId('story').appendChild(storyOf(title, look));
  story.className = `story is-${run.state}`;
  const state = story.querySelector('.state-word');
  if (state !== null) state.textContent = WORDS[run.state];
  const entries = story.querySelector('.entries');
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

const storyOf = (title: string, look: string): HTMLElement =>
  h(
    'section',
    { class: 'story', 'aria-label': title },
    h('h3', {}, title, h('span', { class: 'state-word' })),
    h('p', { class: 'look' }, look),
    h('div', { class: 'entries' }),
    h('button', { type: 'button', class: 'quiet', click: () => byId('story').replaceChildren() }, 'Close this story'),
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
