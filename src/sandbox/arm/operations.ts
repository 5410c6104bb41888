import type { BearerClaims } from '../kit/bearer.ts';
import type { FaultEffect } from '../kit/faults.ts';
import type { EmulatorRequest, EmulatorResponse } from '../kit/http-service.ts';
import type { ApiKeyStore } from './api-key-store.ts';
import { ArmError } from './arm-error.ts';
import { clusterRecord, createdApiKey, fetchedApiKey, owner } from './records.ts';
import { parseCreateApiKey } from './request-body.ts';
import type { ArmRoute, PathParameters } from './routes.ts';
import { checkCluster, resourceNotFound } from './scope.ts';
import type { ArmWorld } from './world.ts';

export interface ArmCall {
  readonly request: EmulatorRequest;
  readonly route: ArmRoute;
  readonly caller: BearerClaims;
  readonly fault: FaultEffect | undefined;
}

/** Does what a request asks for, once it is known to be authentic and its scope to exist. @throws ArmError */
export function act(call: ArmCall, world: ArmWorld, keys: ApiKeyStore): EmulatorResponse {
  const { parameters, operation } = call.route;
  switch (operation) {
    case 'createApiKey':
      return createApiKey(call, world, keys);
    case 'getApiKey':
      return getApiKey(parameters, world, keys);
    case 'deleteApiKey':
      return deleteApiKey(parameters, keys);
    case 'getCluster':
      checkCluster(parameters, world);
      return { status: 200, body: clusterRecord(world, parameters.environmentId, parameters.clusterId) };
    case 'deleteOrganization':
      throw notAuthorized('Microsoft.Confluent/organizations/delete', call.caller);
  }
}

function createApiKey({ request, route, fault }: ArmCall, world: ArmWorld, keys: ApiKeyStore): EmulatorResponse {
  checkCluster(route.parameters, world);
  const { environmentId, clusterId } = route.parameters;
  const { name, description } = parseCreateApiKey(request);
  const key = keys.mint({ name, description, environmentId, clusterId, owner: owner(world, fault?.owner) });
  const record = createdApiKey(world, key, fault?.secret ?? key.secret);
  return { status: 200, body: fault?.answer === undefined ? record : fault.answer };
}

function getApiKey({ apiKeyId }: PathParameters, world: ArmWorld, keys: ApiKeyStore): EmulatorResponse {
  const key = keys.live(apiKeyId);
  if (key === undefined) throw resourceNotFound('organizations/apiKeys', apiKeyId);
  return { status: 200, body: fetchedApiKey(world, key) };
}

/** The provider has been seen to answer 200 with `null`, where its specification has an empty 200 or 204. */
function deleteApiKey({ apiKeyId }: PathParameters, keys: ApiKeyStore): EmulatorResponse {
  if (!keys.delete(apiKeyId)) throw resourceNotFound('organizations/apiKeys', apiKeyId);
  return { status: 200, body: null };
}

const notAuthorized = (action: string, { appid = '', oid }: BearerClaims): ArmError =>
  new ArmError(
    403,
    'AuthorizationFailed',
    `The client '${appid}' with object id '${oid}' does not have authorization to perform action '${action}'.`,
  );
