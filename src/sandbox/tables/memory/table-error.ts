import { randomUUID } from 'node:crypto';
import type { EmulatorResponse } from '../../kit/http-service.ts';

/** A refusal in Table Storage's shape; thrown by any check, answered in one place. */
export class TableError extends Error {
  readonly #status: number;
  readonly #code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.#status = status;
    this.#code = code;
  }

  /** @param format the metadata level that was asked for */
  toResponse(format: string): EmulatorResponse {
    const requestId = randomUUID();
    const value = `${this.message}\nRequestId:${requestId}\nTime:${new Date().toISOString()}`;
    return {
      status: this.#status,
      headers: {
        ...(this.#code !== '' && { 'x-ms-error-code': this.#code }),
        'x-ms-request-id': requestId,
        'x-ms-version': SERVICE_VERSION,
        'content-type': `${format};streaming=true;charset=utf-8`,
      },
      body: { 'odata.error': { code: this.#code, message: { lang: 'en-US', value } } },
    };
  }
}

/** What Azurite 3.35.0 says that it speaks, whatever it is asked for. */
export const SERVICE_VERSION = '2025-11-05';

/** For whatever this engine would have to guess at. */
export const notImplemented = (what: string): TableError =>
  new TableError(501, 'NotImplementedInMemory', `The table engine in memory does not do this: ${what}.`);

export const tableNotFound = (): TableError =>
  new TableError(404, 'TableNotFound', 'The table specified does not exist.');

export const tableAlreadyExists = (): TableError =>
  new TableError(409, 'TableAlreadyExists', 'The table specified already exists.');

export const entityNotFound = (): TableError =>
  new TableError(404, 'ResourceNotFound', 'The specified resource does not exist.');

export const entityAlreadyExists = (): TableError =>
  new TableError(409, 'EntityAlreadyExists', 'The specified entity already exists.');

export const conditionNotSatisfied = (): TableError =>
  new TableError(
    412,
    'UpdateConditionNotSatisfied',
    'The update condition specified in the request was not satisfied.',
  );

export const invalidInput = (): TableError =>
  new TableError(400, 'InvalidInput', 'An error occurred while processing this request.');

export const entityTooLarge = (): TableError =>
  new TableError(400, 'EntityTooLarge', 'The entity is larger than the maximum allowed size (1MB).');

export const bodyTooLarge = (): TableError =>
  new TableError(
    413,
    'RequestBodyTooLarge',
    'The request body is too large and exceeds the maximum permissible limit.',
  );

export const propertiesNeedValue = (): TableError =>
  new TableError(400, 'PropertiesNeedValue', 'The values are not specified for all properties in the entity.');

export const propertyValueTooLarge = (): TableError =>
  new TableError(
    400,
    'PropertyValueTooLarge',
    'The property value exceeds the maximum allowed size (64KB). If the property value is a string, it is UTF-16 encoded and the maximum number of characters should be 32K or less.',
  );

/** As Azurite, both are without a code. */
export const nameOutOfRange = (): TableError =>
  new TableError(400, '', 'The specified resource name length is not within the permissible limits.');

export const nameInvalid = (): TableError =>
  new TableError(400, '', 'The specified resource name contains invalid characters.');
