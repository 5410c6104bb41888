/** Rows of *Live unknowns* in infra/RUNBOOK.md that a run can answer, in the same words. */
export const QUESTIONS = {
  mint: 'May a managed identity mint through ARM?',
  secret: 'Does the provider return a non-empty secret? (its published example has `""`)',
  owner: 'Who owns a key minted by a managed identity?',
  quota: 'Which status and code does an exhausted quota have?',
  actions: 'Are the RBAC actions named as in `confluentActions`?',
  policy: 'Does a policy of several lines arrive unchanged as an app setting?',
  cluster: 'Which answer does an unknown cluster get?',
  description: 'Does Confluent take a description of 244 characters?',
} as const;
