import * as z from 'zod';
import { credentialAnswerSchema, operatorViewSchema, problemSummarySchema } from '../../vending/answers/credential.ts';
import { previewSchema } from '../../vending/answers/preview.ts';
import { problemSchema } from '../../vending/answers/problem.ts';
import { bulkChangeSchema, bulkPreviewSchema, bulkSchema } from '../../vending/commands/bulk.ts';
import { bulkProgressSchema, bulkViewSchema } from '../../vending/commands/bulk-progress.ts';
import { filterSchema } from '../../vending/commands/filter.ts';
import { keyViewSchema } from '../../vending/commands/find.ts';
import { credentialPageSchema } from '../../vending/commands/list.ts';
import { recoveryPageSchema, recoverySchema } from '../../vending/commands/recovery/schema.ts';
import { resolutionSchema } from '../../vending/commands/resolution.ts';
import { targetSchema } from '../../vending/model/resources.ts';
import { endOverlapSchema, rotationSchema } from '../../vending/request/operation.ts';
import { requestSchema } from '../../vending/request/request.ts';
import { schemaRef } from './json-content.ts';
import { headers, parameters } from './parameters.ts';
import { problemExamples, responses } from './problem-responses.ts';
import { closedSchema, linked, openSchema } from './schemas.ts';

export const components = (): object => ({
  schemas: schemas(),
  parameters,
  headers,
  responses,
  examples: problemExamples(),
  securitySchemes: {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'A token of Microsoft Entra ID for the audience of this deployment.',
    },
  },
});

const SERVICE_STATUS = {
  type: 'object',
  properties: {
    status: { type: 'string', examples: ['live', 'ready', 'not-ready'] },
    version: { type: 'string', description: 'Of the function. Not where only `live` is asked.' },
    failing: {
      type: 'array',
      description: 'What does not answer: `token`, `vault` or `ledger`.',
      items: { type: 'string' },
    },
  },
  required: ['status'],
};

const count = (description: string) => ({ type: 'integer', minimum: 0, description });
const EVENT_RECEIPT = {
  type: 'object',
  properties: {
    accepted: count('Requests that were accepted.'),
    ignored: count('Events of other types.'),
    refused: count('Events of Key Vault, from a caller that may not deliver them.'),
    unreadable: count('Events that break a rule.'),
    validationResponse: { type: 'string', description: 'The code of a validation event of Event Grid.' },
  },
};

/** Each record has one schema, whatever answers it. Its optional fields depend on `status`, or on who asks. */
function schemas(): object {
  const credential = openSchema(z.union([operatorViewSchema, credentialAnswerSchema, previewSchema]));
  const failure = schemaRef('ProblemSummary');
  const rotation = linked(credential.properties?.rotation ?? {}, { problem: failure });
  const problem = openSchema(problemSchema);
  const bulk = openSchema(z.union([bulkProgressSchema, bulkViewSchema, bulkPreviewSchema]));
  return {
    VendRequest: closedSchema(requestSchema),
    RotationRequest: closedSchema(rotationSchema),
    EndOverlapRequest: closedSchema(endOverlapSchema),
    Resolution: closedSchema(resolutionSchema),
    Filter: closedSchema(filterSchema),
    BulkRequest: linked(closedSchema(bulkSchema), { filter: schemaRef('Filter') }),
    BulkChange: closedSchema(bulkChangeSchema),
    RecoveryRequest: closedSchema(recoverySchema),
    RecoveryPage: openSchema(recoveryPageSchema),
    Target: openSchema(targetSchema),
    ProblemSummary: openSchema(problemSummarySchema),
    Credential: linked(credential, { target: schemaRef('Target'), problem: failure, rotation }),
    CredentialPage: linked(openSchema(credentialPageSchema), {
      credentials: { type: 'array', items: schemaRef('Credential') },
    }),
    KeyView: linked(openSchema(keyViewSchema), { credential: schemaRef('Credential') }),
    Bulk: bulk,
    ServiceStatus: SERVICE_STATUS,
    EventReceipt: EVENT_RECEIPT,
    Problem: linked(problem, { detail: { ...problem.properties?.detail, 'x-ms-primary-error-message': true } }),
  };
}
