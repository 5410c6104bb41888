import { OPERATOR } from '../harness.ts';
import type { Case } from './case.ts';
import { INVALID, JSON_TYPE, NOTHING, UNHARMED, vend } from './requests.ts';

const MISSPELT = ['validateonly=true', 'ValidateOnly=true', 'dryRun=true', 'validateOnly=true&ValidateOnly=true'];

/** Parameters and bodies that somebody takes for a rehearsal. The real thing must not happen. */
export const REHEARSALS: readonly Case[] = [
  ...MISSPELT.map(
    (query): Case => ({
      ...UNHARMED,
      name: `DELETE with ?${query}`,
      sends: [{ http: `DELETE /api/v1/credentials/{id}?${query}`, answer: INVALID }],
    }),
  ),
  {
    ...UNHARMED,
    name: 'DELETE with validateOnly in a body',
    sends: [
      {
        http: 'DELETE /api/v1/credentials/{id}',
        headers: [JSON_TYPE],
        body: { validateOnly: true },
        answer: { ...INVALID, words: /body/ },
      },
    ],
  },
  {
    ...NOTHING,
    name: 'a vend with validateOnly in the query',
    sends: [vend('a', { ...INVALID, words: /validateOnly/ }, { http: 'POST /api/v1/credentials?validateOnly=true' })],
  },
  ...['rotate', 'end-overlap'].map(
    (operation): Case => ({
      ...UNHARMED,
      name: `${operation} with validateOnly in the query`,
      sends: [
        {
          http: `POST /api/v1/credentials/{id}/${operation}?validateOnly=true`,
          headers: [JSON_TYPE, ['idempotency-key', 'r']],
          body: {},
          answer: INVALID,
        },
      ],
    }),
  ),
  {
    ...UNHARMED,
    name: 'resolve with validateOnly in the query',
    sends: [
      {
        http: 'POST /api/v1/operations/credentials/{id}/resolve?validateOnly=true',
        headers: [JSON_TYPE],
        body: { decision: 'none' },
        from: OPERATOR,
        answer: INVALID,
      },
    ],
  },
];
