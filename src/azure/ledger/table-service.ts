import {
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  defaultRetryPolicy,
  type ExponentialRetryPolicyOptions,
  type HttpClient,
  type HttpMethods,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { authenticationPolicy } from '../authentication.ts';

const SCOPE = 'https://storage.azure.com/.default';
const RETRIES = { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 };

/** Without types beside the values, which rows of strings and small integers do not need. */
const HEADERS = {
  accept: 'application/json;odata=nometadata',
  dataserviceversion: '3.0',
  'x-ms-version': '2019-02-02',
  'user-agent': 'confluent-api-key-vending',
};

export interface TableServiceOptions {
  /** `https://<account>.table.core.windows.net` */
  readonly endpoint: string;
  readonly credential: TokenCredential;
  readonly httpClient?: HttpClient;
  readonly retries?: ExponentialRetryPolicyOptions;
}

export interface Call {
  readonly method: HttpMethods;
  /** Below the account, percent-encoded. */
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Send = (call: Call, signal: AbortSignal) => Promise<PipelineResponse>;

/**
 * Table Storage's REST operations. https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api
 *
 * Not `@azure/data-tables`: a vend waits for six of these calls, and its serializer, its fourteen policies and its
 * exception for each row that is not there took twice the time of everything else in them (`npm run bench`).
 */
export function openTableService({ endpoint, credential, httpClient, retries = RETRIES }: TableServiceOptions): Send {
  const client = httpClient ?? createDefaultHttpClient();
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(defaultRetryPolicy(retries));
  pipeline.addPolicy(authenticationPolicy(credential, SCOPE));
  return ({ method, path, body, headers }, abortSignal) => {
    const request = createPipelineRequest({
      method,
      url: `${endpoint}${path}`,
      headers: createHttpHeaders({ ...HEADERS, ...headers }),
      abortSignal,
    });
    if (body !== undefined) {
      request.headers.set('content-type', 'application/json');
      request.body = JSON.stringify(body);
    }
    return pipeline.sendRequest(client, request);
  };
}
