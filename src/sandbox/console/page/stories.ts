import type { ScenarioRun, ScenarioView } from '../view.ts';
import { call, sentenceOf } from './api.ts';
import { byId, h } from './dom.ts';

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
  const entries = run.entries.map((entry) => {
    if (entry.kind === 'show') return h('details', {}, h('summary', {}, entry.text), h('pre', {}, entry.json));
    return h(entry.kind === 'heading' ? 'h4' : 'p', {}, entry.text);
  });
  byId('story').replaceChildren(
    h(
      'section',
      { class: `story is-${run.state}`, 'aria-label': title },
      h('h3', {}, title, h('span', { class: 'state-word' }, WORDS[run.state])),
      h('p', { class: 'look' }, `Look: ${look}`),
      ...entries,
      run.error !== undefined && h('p', { class: 'is-bad' }, run.error),
      run.state !== 'running' &&
        h(
          'button',
          { type: 'button', class: 'quiet', click: () => byId('story').replaceChildren() },
          'Close this story',
        ),
    ),
  );
}

const WORDS = { running: 'running …', done: 'done', failed: 'did not work' } as const;
