import { type Command, command } from '../process/command.ts';

export const SUPERUSER = 'postgres';

export type ServerArguments = {
  readonly postgres: string;
  readonly dataDir: string;
  readonly port: number;
  /** PostgreSQL's own settings, e.g. `{ max_connections: '200' }`. */
  readonly settings: Readonly<Record<string, string>>;
};

/** The server's command line. What keeps it private to this machine comes last, where no setting can undo it. */
export function serverCommand({ postgres, dataDir, port, settings }: ServerArguments): Command {
  const all = {
    ...settings,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return command(postgres, '-D', dataDir, ...flags);
}

/** The command that makes a new cluster whose superuser has the password in `passwordFile`. */
export function initdbCommand(initdb: string, dataDir: string, passwordFile: string): Command {
  // The C locale needs nothing installed and sorts by bytes, the same on every machine.
  const how = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'];
  return command(initdb, `--pgdata=${dataDir}`, `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`, ...how);
}

/** A connection URL for one database. */
export function databaseUrl(port: number, password: string, database: string): string {
  return `postgres://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}
