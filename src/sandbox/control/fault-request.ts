import { type FaultRule, type FaultService, faultRuleSchema } from '../kit/faults.ts';

/** The names of each service's calls in the fault plan. */
const OPERATIONS: Readonly<Record<FaultService, readonly string[]>> = {
  arm: [
    ...['createApiKey', 'getApiKey', 'deleteApiKey', 'getCluster', 'listClusters', 'getSchemaRegistryCluster'],
    ...['listSchemaRegistryClusters', 'getEnvironment', 'listEnvironments', 'getOrganization', 'listOrganizations'],
  ],
  vault: [
    ...['challenge', 'setSecret', 'getSecret', 'listSecrets', 'listVersions', 'updateSecret', 'deleteSecret'],
    ...['getDeletedSecret', 'listDeletedSecrets', 'recoverSecret', 'purgeSecret'],
  ],
  table: ['createTable', 'deleteTable', 'queryTables', 'insert', 'get', 'query', 'replace', 'delete', 'batch'],
  identity: ['token'],
  entra: ['getKeys', 'getConfiguration'],
  bus: ['send', 'receive', 'settle', 'schedule', 'cancel-scheduled', 'peek', 'renew-lock'],
  eventgrid: ['publish', 'deliver', 'emit', 'validate'],
};

/** How AMQP says what HTTP has a status for. */
const CONDITIONS: Readonly<Record<number, string>> = {
  401: 'amqp:unauthorized-access',
  403: 'amqp:unauthorized-access',
  404: 'amqp:not-found',
  408: 'com.microsoft:timeout',
  429: 'com.microsoft:server-busy',
  503: 'com.microsoft:server-busy',
};

/** As `POST /faults` takes it: it refuses a fault that could never strike. */
export const faultRequestSchema = faultRuleSchema
  .refine(({ fault }) => Object.keys(fault).length > 0, { path: ['fault'], error: 'Say what goes wrong' })
  .superRefine(({ service, operation }, context) => {
    const known = OPERATIONS[service];
    if (operation === undefined || known.includes(operation)) return;
    context.addIssue({ code: 'custom', path: ['operation'], message: `${service} has ${known.join(', ')}` });
  })
  .transform((rule): FaultRule => {
    const { status, ...fault } = rule.fault;
    if (rule.service !== 'bus' || status === undefined) return rule;
    return { ...rule, fault: { condition: CONDITIONS[status] ?? 'amqp:internal-error', ...fault } };
  });
