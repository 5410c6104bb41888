import type { FaultEffect } from '../kit/faults.ts';
import type { EmulatorRequest, EmulatorResponse } from '../kit/http-service.ts';
import type { PermittedOperation } from './access.ts';
import type { ArmAnswers } from './answers.ts';
import type { ApiKeyStore } from './api-key-store.ts';
import { ArmError } from './arm-error.ts';
import {
  clusterRecord,
  createdApiKey,
  environmentRecord,
  fetchedApiKey,
  isSchemaRegistry,
  organizationRecord,
  owner,
  schemaRegistryRecord,
} from './records.ts';
import { parseCreateApiKey } from './request-body.ts';
import type { PathParameters } from './routes.ts';
import { checkCluster, clustersOf, resourceNotFound } from './scope.ts';
import type { ArmWorld } from './world.ts';

export interface ArmCall {
  readonly request: EmulatorRequest;
  readonly operation: PermittedOperation;
  readonly parameters: PathParameters;
  readonly fault: FaultEffect | undefined;
}

/** Does what a request asks for, once its caller may and its scope is known to exist. @throws ArmError */
export function act(call: ArmCall, world: ArmWorld, keys: ApiKeyStore, answers: ArmAnswers): EmulatorResponse {
  const { parameters, operation } = call;
  const { environmentId, clusterId } = parameters;
  switch (operation) {
    case 'createApiKey':
      return createApiKey(call, world, keys);
    case 'getApiKey':
      return getApiKey(parameters, world, keys, answers);
    case 'deleteApiKey':
      return deleteApiKey(parameters, keys, answers);
    case 'getCluster':
      checkCluster(parameters, world);
      return ok(clusterRecord(world, environmentId, clusterId));
    case 'listClusters':
      return list(
        clustersOf(parameters, world),
        (id) => !isSchemaRegistry(id) && clusterRecord(world, environmentId, id),
      );
    case 'getSchemaRegistryCluster':
      checkCluster(parameters, world);
      return ok(schemaRegistryRecord(world, environmentId, clusterId));
    case 'listSchemaRegistryClusters':
      return list(
        clustersOf(parameters, world),
        (id) => isSchemaRegistry(id) && schemaRegistryRecord(world, environmentId, id),
      );
    case 'getEnvironment':
      clustersOf(parameters, world);
      return ok(environmentRecord(world, environmentId));
    case 'listEnvironments':
      return list([...world.environments.keys()], (id) => environmentRecord(world, id));
    case 'getOrganization':
      return ok(organizationRecord(world));
    case 'listOrganizations':
      return list([world], organizationRecord);
  }
}

const ok = (body: object): EmulatorResponse => ({ status: 200, body });

/** One page: this world is small. False: not one of those that are asked for. */
const list = <T>(all: readonly T[], show: (one: T) => object | false): EmulatorResponse =>
  ok({ value: all.map(show).filter((record) => record !== false) });

function createApiKey({ request, parameters, fault }: ArmCall, world: ArmWorld, keys: ApiKeyStore): EmulatorResponse {
  checkCluster(parameters, world);
  const { environmentId, clusterId } = parameters;
  const { name, description } = parseCreateApiKey(request);
  const key = keys.mint({ name, description, environmentId, clusterId, owner: owner(world, fault?.owner) });
  const record = createdApiKey(world, key, fault?.secret ?? key.secret);
  return { status: 200, body: fault?.answer === undefined ? record : fault.answer };
}

function getApiKey(
  { apiKeyId }: PathParameters,
  world: ArmWorld,
  keys: ApiKeyStore,
  { readDeleted }: ArmAnswers,
): EmulatorResponse {
  const key = keys.find(apiKeyId);
  if (key?.deleted === false) return ok(fetchedApiKey(world, key));
  if (key !== undefined && readDeleted === 403) {
    throw new ArmError(403, 'Forbidden', `The API key '${apiKeyId}' cannot be read.`);
  }
  throw resourceNotFound('organizations/apiKeys', apiKeyId);
}

/** The provider has been seen to answer 200 with `null`, where its specification has an empty 200 or 204. */
function deleteApiKey({ apiKeyId }: PathParameters, keys: ApiKeyStore, answers: ArmAnswers): EmulatorResponse {
  if (keys.delete(apiKeyId)) {
    return answers.deleted === 200 ? { status: 200, body: null } : { status: answers.deleted };
  }
  if (answers.deletedNothing === 204) return { status: 204 };
  throw resourceNotFound('organizations/apiKeys', apiKeyId);
}
