const REQUEST_LINE = /^((?:GET|POST|PUT|PATCH|MERGE|DELETE) https?:\/\/[^/\s]+\/)/gm;

/** Azurite finds the table of a change in a batch only below the account, where a production URL does not have it. */
export const addAccountToBatch = (body: Buffer, account: string): Buffer =>
  Buffer.from(body.toString().replace(REQUEST_LINE, `$1${account}/`));
