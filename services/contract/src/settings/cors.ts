import { setting } from './define.ts';
import { list } from './kinds.ts';

/** What pages in a browser may do. */
export const cors = {
  corsAllowedOrigins: setting({
    env: 'CORS_ALLOWED_ORIGINS',
    path: 'upload.cors.allowedOrigins',
    kind: list(),
    default: ['*'],
    doc: 'Origins whose pages may call the upload API and the payment service from a browser, such as `https://app.example.com`; `*` means all, an empty list none. They know no cookies, so a page can do nothing that its visitor could not do anyway.',
    roles: ['upload', 'payment'],
    applies: 'live',
  }),
};
