const REQUEST_LINE = /^((?:GET|POST|PUT|PATCH|MERGE|DELETE) https?:\/\/[^/\s]+\/)/gm;
const PARTITION = /^[^\s(]+\(PartitionKey=(?:'|%27)(.*?)(?:'|%27),/;

/** Azurite finds the table of a change in a batch only below the account, where a production URL does not have it. */
export const addAccountToBatch = (body: Buffer, account: string): Buffer =>
  Buffer.from(body.toString().replace(REQUEST_LINE, `$1${account}/`));

export interface Change {
  /** As the URL has it, percent-decoded; undefined: the URL names no entity, and its body does. */
  readonly partition: string | undefined;
  /** Empty where it has no body. */
  readonly json: string;
}

export function readChanges(body: Buffer): Change[] {
  const [, ...pieces] = body.toString().split(REQUEST_LINE);
  const requests = pieces.filter((_, index) => index % 2 === 1);
  return requests.map((text) => {
    const partition = PARTITION.exec(text)?.[1];
    return {
      partition: partition === undefined ? undefined : decodeURIComponent(partition).replaceAll("''", "'"),
      json: text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1),
    };
  });
}
