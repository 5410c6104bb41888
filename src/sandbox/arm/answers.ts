import * as z from 'zod';

/** How ARM answers where public sources differ, or say nothing. As `PUT /arm/answers` of the control API takes it. */
export const armAnswersSchema = z.strictObject({
  /** The status of a deletion that did delete. */
  deleted: z.literal([200, 202, 204]).default(200),
  /** The status of a deletion that found no such key. */
  deletedNothing: z.literal([404, 204]).default(404),
  /** The status of a read of a key that was deleted. */
  readDeleted: z.literal([404, 403]).default(404),
});
export type ArmAnswers = z.infer<typeof armAnswersSchema>;
