import * as z from 'zod';
import { PROBLEMS, type Problem, type ProblemType } from '../model/problems.ts';

/** Stable: callers switch on it. */
export const problemTypeUri = (type: ProblemType): string => `urn:confluent-key-vending:problem:${type}`;

/** RFC 9457. */
export const problemSchema = z
  .object({
    type: z.enum(Object.keys(PROBLEMS).map((type) => problemTypeUri(type as ProblemType))),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    instance: z.string().exactOptional().meta({ description: 'Of a denial: quote it to the operators.' }),
    credentialId: z.string().exactOptional(),
    errors: z
      .array(
        z.object({
          pointer: z.string().exactOptional().meta({ description: 'RFC 6901, into the request body.' }),
          parameter: z.string().exactOptional().meta({ description: 'A query parameter.' }),
          detail: z.string(),
        }),
      )
      .exactOptional(),
  })
  .meta({ description: 'Why there is no answer of the kind asked for; `type` is stable, texts are not.' });

export type ProblemBody = z.infer<typeof problemSchema>;

export function problemBody(problem: Problem, credentialId?: string): ProblemBody {
  const { status, title } = PROBLEMS[problem.type];
  return {
    type: problemTypeUri(problem.type),
    title,
    status,
    detail: problem.detail,
    ...(credentialId === undefined ? {} : { credentialId }),
    ...(problem.errors !== undefined && { errors: problem.errors.map((error) => ({ ...error })) }),
  };
}
