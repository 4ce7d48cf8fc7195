/** SQL for the moment so many milliseconds ago, which it binds: the database's clock, because it set the times in the rows. */
export const AGO = `now() - ?::bigint * interval '1 millisecond'`;

/** The same for a moment to come. */
export const FROM_NOW = `now() + ?::bigint * interval '1 millisecond'`;
