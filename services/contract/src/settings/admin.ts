import { setting } from './define.ts';
import { boolean, integer, text } from './kinds.ts';

export const admin = {
  adminEnabled: setting({
    env: 'ADMIN_ENABLED',
    path: 'admin.enabled',
    kind: boolean(),
    default: false,
    doc: 'Runs the admin service: queues, traces of items, and a snapshot for support, for those who hold a key of ADMIN_KEYS_FILE.',
    roles: ['renderer'],
  }),
  adminServicePort: setting({
    env: 'ADMIN_SERVICE_PORT',
    path: 'admin.port',
    kind: integer({ min: 1, max: 65_535 }),
    default: 3002,
    doc: 'Port of the admin service.',
    roles: ['admin', 'renderer'],
  }),
  boardEnabled: setting({
    env: 'BOARD_ENABLED',
    path: 'board.enabled',
    kind: boolean(),
    default: false,
    doc: 'Shows the queues in a browser, at /board of the admin service, to those who log in with one of its keys. It changes nothing.',
    roles: ['admin'],
  }),
  adminKeysFile: setting({
    env: 'ADMIN_KEYS_FILE',
    path: null,
    kind: text(),
    default: '',
    doc: 'File with the digests of the keys that open the admin service, in the form of API_KEYS_FILE, mounted from a Secret. Without a key in it the service does not start.',
    roles: ['admin'],
    secret: true,
  }),
};
