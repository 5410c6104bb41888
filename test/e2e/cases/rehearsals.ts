import { OPERATOR } from '../harness.ts';
import type { Case } from './case.ts';
import { INVALID, JSON_TYPE, NOTHING, UNHARMED, vend } from './requests.ts';

const MISSPELT = ['validateonly=true', 'ValidateOnly=true', 'dryRun=true', 'validateOnly=true&ValidateOnly=true'];

const NO_PARAMETER = { ...INVALID, words: /"parameter":"validateOnly"/ };

/** Parameters and bodies that somebody takes for a rehearsal. The real thing must not happen. */
export const REHEARSALS: readonly Case[] = [
  ...MISSPELT.map(
    (query): Case => ({
      ...UNHARMED,
      name: `DELETE with ?${query}`,
      sends: [
        {
          http: `DELETE /api/v1/credentials/{id}?${query}`,
          answer: { ...INVALID, words: new RegExp(`"parameter":"${query.split('=')[0]}"`) },
        },
      ],
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
    sends: [vend('a', NO_PARAMETER, { http: 'POST /api/v1/credentials?validateOnly=true' })],
  },
  {
    ...UNHARMED,
    name: 'rotate with validateOnly in the query',
    sends: [
      {
        http: 'POST /api/v1/credentials/{id}/rotate?validateOnly=true',
        headers: [JSON_TYPE, ['idempotency-key', 'r']],
        body: {},
        answer: NO_PARAMETER,
      },
    ],
  },
  {
    given: 'a rotated credential',
    minted: 0,
    living: 2,
    name: 'end-overlap with validateOnly in the query',
    sends: [
      {
        http: 'POST /api/v1/credentials/{id}/end-overlap?validateOnly=true',
        headers: [JSON_TYPE],
        body: { apiKeyId: '{key}' },
        answer: NO_PARAMETER,
      },
    ],
  },
  {
    given: 'an unknown credential',
    minted: 0,
    living: 1,
    name: 'resolve with validateOnly in the query',
    sends: [
      {
        http: 'POST /api/v1/operations/credentials/{id}/resolve?validateOnly=true',
        headers: [JSON_TYPE],
        body: { decision: 'key', apiKeyId: '{key}' },
        from: OPERATOR,
        answer: NO_PARAMETER,
      },
    ],
  },
];
