import { errors } from '@bundler/contract';
import { code, page, table } from './markdown.ts';
import type { Printer } from './printer.ts';

const introduction = `Every error that a client can meet. The text is the body of the answer, sometimes with a detail
behind it; the code is the label in metrics. A 503 carries \`Retry-After\`, and repeating the request is safe.`;

/** The reference page of all errors, by status. */
export const errorsPage: Printer = {
  path: 'docs/reference/errors.md',
  print: () => {
    const rows = Object.entries(errors)
      .toSorted(([a, one], [b, other]) => one.status - other.status || a.localeCompare(b, 'en'))
      .map(([name, { status, message }]) => [String(status), code(name), message]);
    const parts = [table(['Status', 'Code', 'Text'], rows)];
    return page('services/contract/src/errors.ts', 'Errors', introduction, parts);
  },
};
